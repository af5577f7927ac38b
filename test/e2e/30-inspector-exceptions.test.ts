// SPDX-License-Identifier: MIT
// Issue 11: what a kernel has in place of exceptions pauses the driver, with its reason, at the line that it is about. The driver is the
// user's own module, outside of the kernel's tree.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import t, { type Test } from 'tap';
import { main, root } from '../fixtures/cli.js';

t.setTimeout(600_000);

const faulty = { driver: join(root, 'test/fixtures/drivers/faulty'), param: 'faulty.fault' };
const seeded = { driver: join(root, 'test/seeded/driver'), param: 'seeded.bug' };

interface Paused {
  readonly event: Protocol.Debugger.PausedEvent;
  readonly client: CDP.Client;
  readonly urls: ReadonlyMap<string, string>;
  readonly ended: Promise<number | null>;
  stderr(): string;
}

interface Case {
  readonly module?: typeof faulty;
  readonly fault: string;
  readonly state: 'none' | 'all';
  readonly kernel?: string;
  readonly what: RegExp;
  /** In the line of the module that the stack leads to. */
  readonly line: string;
  /** How the run ends when the driver goes on. */
  readonly code: number;
}

/** A module with one fault; pauses at its probe function first, so that nothing is missed. */
async function pausedBy(t: Test, { module = faulty, fault, state, kernel = '6.1' }: Case): Promise<Paused> {
  const args = ['inspect', module.driver, '--kernel', kernel, '--port', '0', '--json', '--break-on', 'probe'];
  const more = [
    '--device',
    'edu,dma_mask=0xffffffff',
    '--param',
    `${module.param}=${fault}`,
    '--',
    'idle',
    '--duration',
    '1',
  ];
  const child = spawn(process.execPath, [main, ...args, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => child.kill('SIGINT'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let stderr = '';
  const listening = new Promise<number>((resolve) =>
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      const port = /127\.0\.0\.1:(\d+)\/[0-9a-f-]{36}\n/.exec(stderr)?.[1];
      if (port !== undefined) resolve(Number(port));
    }),
  );
  const port = await Promise.race([listening, ended.then(() => undefined)]);
  if (port === undefined) throw new Error(stderr);
  const client = await CDP({ host: '127.0.0.1', port });
  t.teardown(() => client.close().catch(() => undefined));
  const urls = new Map<string, string>();
  client.Debugger.scriptParsed(({ scriptId, url }) => urls.set(scriptId, url));
  const atProbe = client.Debugger.paused();
  await client.Debugger.enable({});
  await atProbe;
  await client.Debugger.setPauseOnExceptions({ state });
  const paused = client.Debugger.paused();
  await client.Debugger.resume({});
  const event = await Promise.race([paused, ended.then(() => undefined)]);
  if (event === undefined) throw new Error(`it does not pause: ${stderr}`);
  return { event, client, urls, ended, stderr: () => stderr };
}

/** The first frame in the module: its line as the user wrote it. */
function place({ event, urls }: Paused): string {
  const frame = event.callFrames.find(({ location }) =>
    /\/(faulty|seeded)\.c$/.test(urls.get(location.scriptId) ?? ''),
  );
  if (frame === undefined) return '';
  const source = readFileSync(new URL(urls.get(frame.location.scriptId) ?? ''), 'utf8');
  return source.split('\n')[frame.location.lineNumber] ?? '';
}

const CASES: readonly Case[] = [
  { fault: 'warn', state: 'all', what: /^WARN: .*faulty\.c:\d+$/, line: 'WARN(1, ', code: 0 },
  {
    module: seeded,
    fault: 'warning',
    state: 'all',
    kernel: '6.12',
    what: /^WARN: .*seeded\.c:\d+$/,
    line: 'WARN_ON(',
    code: 0,
  },
  {
    fault: 'double-unmap',
    state: 'all',
    what: /^finding: unmap of .* that is not mapped$/,
    line: 'dma_unmap_single(',
    code: 0,
  },
  {
    fault: 'null',
    state: 'none',
    what: /^SIGSEGV: Segmentation fault at address 0x[0-9a-f]+$/,
    line: '*p = 1;',
    code: 7,
  },
  { fault: 'divide', state: 'none', what: /^SIGFPE: /, line: 'return a / *b;', code: 7 },
  { fault: 'bug', state: 'none', what: /^BUG: BUG!$/, line: 'BUG();', code: 7 },
  { fault: 'panic', state: 'none', what: /^panic: faulty: panicked on purpose$/, line: 'panic("', code: 7 },
];

for (const one of CASES) {
  t.test(`${one.fault}, Linux ${one.kernel ?? '6.1'}`, async (t) => {
    const paused = await pausedBy(t, one);
    const { event, client } = paused;
    t.equal(event.reason, 'exception');
    t.match(event.data, { subtype: 'error', description: one.what });
    t.match(place(paused), one.line);
    t.notMatch(event.callFrames[0]?.functionName, /warn|panic|report|^dma_/, 'the stack begins with who did it');
    await client.Debugger.resume({});
    t.equal(await paused.ended, one.code, paused.stderr());
  });
}
