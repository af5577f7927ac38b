// SPDX-License-Identifier: MIT
// A Chrome DevTools server for a driver process.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import {
  type CdpServer,
  compatDomain,
  Connection,
  debuggerDomain,
  type Method,
  type Methods,
  profilerDomain,
  runtimeDomain,
  schemaDomain,
  type Session,
  startCdpServer,
} from './cdp/index.js';
import { FRONT_END, frontEndFile, frontEndRoot } from './frontend/files.js';
import { Recorder } from './bridge/recorder.js';
import { attachDriver, type AttachRequest, type DriverSession } from './bridge/session.js';

export interface InspectorRequest extends AttachRequest {
  readonly port: number;
  readonly version: string;
  /** cli/main.js, which makes recordings. */
  readonly cli: string;
  /** Seconds after which a pause ends by itself; undefined: never. */
  readonly pauseTimeout: number | undefined;
}

export interface Inspector {
  readonly url: string;
  readonly port: number;
  /** Our own front end on this session; undefined when its package is not installed. */
  readonly page: string | undefined;
  /** Ends when the driver process has, or gdb; says why. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

function protocolJson(): object {
  const require = createRequire(import.meta.url);
  const read = (name: string): { domains: { domain: string }[] } =>
    JSON.parse(readFileSync(require.resolve(`devtools-protocol/json/${name}_protocol.json`), 'utf8')) as {
      domains: { domain: string }[];
    };
  const browser = read('browser').domains.filter(({ domain }) => ['Target', 'Tracing', 'IO'].includes(domain));
  return { version: { major: '1', minor: '3' }, domains: [...read('js').domains, ...browser] };
}

/** Rejects as attachDriver does, or when the port is taken. */
export async function startInspector(request: InspectorRequest): Promise<Inspector> {
  const session = await attachDriver(request);
  try {
    return await serve(request, session);
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function serve(request: InspectorRequest, session: DriverSession): Promise<Inspector> {
  const { driver, gdb } = session;
  const clients = new Set<Connection>();
  const url = pathToFileURL(request.executable).href;
  const recorder = new Recorder({ ...request, sources: driver.sourceFiles });
  const methodsOf = (client: Session): Methods => {
    const methods: Map<string, Method> = new Map(
      Object.entries({
        ...compatDomain(url),
        ...debuggerDomain(client, driver),
        ...runtimeDomain(client, driver),
        ...profilerDomain(client, recorder),
        ...schemaDomain(() => methods.keys()),
      }),
    );
    return methods;
  };
  const root = frontEndRoot();
  const server: CdpServer = await startCdpServer({
    port: request.port,
    id: randomUUID(),
    browser: `dde-profile/${request.version}`,
    title: () => `${request.driverName} [${request.pid}]`,
    description: 'Linux driver',
    targetUrl: url,
    protocol: protocolJson,
    ...(root === undefined ? {} : { frontEnd: FRONT_END, file: (path: string) => frontEndFile(root, path) }),
    onClient: (transport) => {
      const client = new Connection(transport, methodsOf);
      clients.add(client);
      request.onLog('Debugger attached.');
      client.root.onEnd(() => {
        clients.delete(client);
        request.onLog('Debugger disconnected.');
        if (clients.size === 0) void lastGone();
      });
    },
    onRefused: (text) => request.onLog(`refused: ${text}`),
  });
  const resume = async (): Promise<void> => {
    if (driver.target.stop !== undefined) await driver.resume().catch(() => undefined);
  };
  // The methods' own ends have removed the breakpoints by now, or are about to: gdb keeps the order.
  const lastGone = async (): Promise<void> => {
    await driver.setSkipAllPauses(false);
    await resume();
  };
  const stopTimeout = pauseTimeout(request, driver.onPaused.bind(driver), driver.onResumed.bind(driver), async () => {
    driver.say('warning', `the pause has lasted ${request.pauseTimeout} s (--pause-timeout): the driver goes on`);
    await resume();
  });
  const ended = new Promise<string>((resolve) => {
    driver.onEnd(() => resolve(`the driver process has ended: ${driver.target.ended}`));
    void gdb.ended.then((reason) => resolve(`gdb has ended: ${reason}`));
  });
  return {
    url: server.url,
    port: server.port,
    page: root === undefined ? undefined : `http://127.0.0.1:${server.port}/${FRONT_END}?ws=${server.url.slice('ws://'.length)}`,
    ended,
    async close() {
      stopTimeout();
      await recorder.close();
      await server.close();
      await session.close();
    },
  };
}

function pauseTimeout(
  { pauseTimeout: seconds }: InspectorRequest,
  onPaused: (listener: () => void) => () => void,
  onResumed: (listener: () => void) => () => void,
  expired: () => Promise<void>,
): () => void {
  if (seconds === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const ends = [
    onPaused(() => {
      stop();
      timer = setTimeout(() => void expired(), seconds * 1000);
    }),
    onResumed(stop),
  ];
  return () => {
    stop();
    for (const end of ends) end();
  };
}
