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
  targetDomain,
} from './cdp/index.js';
import { FRONT_END, frontEndFile, frontEndRoot } from './frontend/files.js';
import { PROTOCOL } from './bridge/dde.gen.js';
import type { Driver } from './bridge/driver.js';
import { ddeDomain } from './bridge/dde-domain.js';
import { Listing } from './bridge/listing.js';
import { ListingView } from './bridge/listing-view.js';
import { Recorder } from './bridge/recorder.js';
import { threadTargets } from './bridge/thread-view.js';
import { attachDriver, type AttachRequest, type DriverSession } from './bridge/session.js';

export interface InspectorRequest extends AttachRequest {
  readonly port: number;
  readonly version: string;
  /** Where the driver's own C files are. */
  readonly driverFolders: readonly string[];
  /** Names of the device's registers. */
  readonly registers: readonly { readonly name: string; readonly offset: number }[];
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
  return { version: { major: '1', minor: '3' }, domains: [...read('js').domains, ...browser, PROTOCOL] };
}

/** The part of the WebSocket's path that asks for the driver's files by way of a source map, for front ends. */
const MAPPED = 'mapped';

/** Made when a front end comes first. Without objdump front ends see the C files directly. */
function listingOf(request: InspectorRequest, { driver }: DriverSession): () => Promise<ListingView | undefined> {
  let made: Promise<ListingView | undefined> | undefined;
  return () => {
    made ??= (async () => {
      const { driverName, executable, driverFolders } = request;
      const listing = await Listing.make(driverName, executable, driver.sourceFiles, driverFolders);
      const map = Buffer.from(await listing.sourceMap()).toString('base64');
      return new ListingView(driver, { listing, mapUrl: `data:application/json;base64,${map}` });
    })().catch((error: unknown) => {
      request.onLog(`no disassembly: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    return made;
  };
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
  const listing = listingOf(request, session);
  const methodsOf = (client: Session, view: ListingView | undefined): Methods => {
    const threads = threadTargets(driver, view);
    const methods: Map<string, Method> = new Map(
      Object.entries({
        ...compatDomain(url),
        ...debuggerDomain(client, view?.backend() ?? driver),
        ...runtimeDomain(client, driver),
        ...profilerDomain(client, recorder),
        ...targetDomain(client, threads),
        ...ddeDomain(client, { driver, registers: request.registers, device: session.device }),
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
    frontEndPath: MAPPED,
    ...(root === undefined ? {} : { frontEnd: FRONT_END, file: (path: string) => frontEndFile(root, path) }),
    onClient: async (transport, path) => {
      const view = path === MAPPED ? await listing() : undefined;
      const client = new Connection(transport, (own) => methodsOf(own, view));
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
  const stopTimeout = pauseTimeout(request, driver, async () => {
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
    page:
      root === undefined
        ? undefined
        : `http://127.0.0.1:${server.port}/${FRONT_END}?ws=${server.url.slice('ws://'.length)}/${MAPPED}`,
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
  driver: Driver,
  expired: () => Promise<void>,
): () => void {
  if (seconds === undefined) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const start = (): void => {
    stop();
    timer = setTimeout(() => void expired(), seconds * 1000);
  };
  const ends = [driver.onPaused(start), driver.onResumed(stop)];
  // It may stand at its probe function already.
  if (driver.paused() !== undefined) start();
  return () => {
    stop();
    for (const end of ends) end();
  };
}
