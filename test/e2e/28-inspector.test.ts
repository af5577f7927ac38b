// SPDX-License-Identifier: MIT
// Issue 11: a running e1000e under traffic, debugged by chrome-remote-interface, by node inspect, and by our page in Chromium.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { main, root } from '../fixtures/cli.js';
import { DevToolsPage } from '../inspector/fixtures/devtools-page.js';
import { CHROMIUM } from '../profiler/fixtures/chromium.js';

t.setTimeout(900_000);

const LONG = process.env['DDE_LONG'] === '1';

interface Inspected {
  readonly child: ChildProcess;
  readonly port: number;
  readonly page: string;
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

/** `dde-profile inspect DRIVER` on a free port. */
async function inspect(t: Test, args: readonly string[]): Promise<Inspected> {
  const child = spawn(process.execPath, [main, 'inspect', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGINT'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const listening = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (/Open in Chromium: \S+\n/.test(stderr)) resolve();
    });
  });
  await Promise.race([listening, ended]);
  const port = Number(/Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\/[0-9a-f-]{36}\n/.exec(stderr)?.[1]);
  if (!Number.isInteger(port)) throw new Error(`inspect did not start: ${stderr}`);
  const page = /Open in Chromium: (\S+)/.exec(stderr)?.[1] as string;
  return { child, port, page, ended, stdout: () => stdout, stderr: () => stderr };
}

class Client {
  readonly cdp: CDP.Client;
  readonly scripts = new Map<string, string>();

  private constructor(cdp: CDP.Client) {
    this.cdp = cdp;
  }

  static async connect(port: number): Promise<Client> {
    const client = new Client(await CDP({ host: '127.0.0.1', port }));
    client.cdp.Debugger.scriptParsed(({ url, scriptId }) => client.scripts.set(url, scriptId));
    await client.cdp.Runtime.enable();
    await client.cdp.Debugger.enable({});
    return client;
  }

  url(end: string): string {
    const found = [...this.scripts.keys()].find((url) => url.endsWith(end));
    if (found === undefined) throw new Error(`no script ${end} of ${this.scripts.size}`);
    return found;
  }

  async lineOf(url: string, text: string): Promise<number> {
    const { scriptSource } = await this.cdp.Debugger.getScriptSource({ scriptId: this.scripts.get(url) as string });
    const line = scriptSource.split('\n').findIndex((one) => one.includes(text));
    if (line < 0) throw new Error(`${url} has no line ${text}`);
    return line;
  }

  paused(): Promise<Protocol.Debugger.PausedEvent> {
    return this.cdp.Debugger.paused();
  }

  async properties(
    objectId: string,
  ): Promise<Map<string, { description?: string; objectId?: string; value?: unknown }>> {
    const { result } = await this.cdp.Runtime.getProperties({ objectId });
    return new Map(result.map(({ name, value }) => [name, value ?? {}]));
  }

  async evaluate(expression: string, throwOnSideEffect = false): Promise<unknown> {
    const { result } = await this.cdp.Runtime.evaluate({ expression, throwOnSideEffect });
    return result.value ?? result.unserializableValue ?? result.description;
  }
}

interface Result {
  readonly results: readonly { readonly workload: string; readonly ok: boolean }[];
}

const traffic = (seconds: number): string[] => ['tcp', '--duration', String(seconds), '--direction', 'in'];

/** Ends a driver and its traffic. */
async function interrupt(
  t: Test,
  child: ChildProcess,
  ended: Promise<number | null>,
  stderr: () => string,
): Promise<void> {
  child.kill('SIGINT');
  t.equal(await ended, 130, stderr().slice(-2000));
}

t.test('chrome-remote-interface: a breakpoint by its C line, hit under traffic; stack, fields, steps', async (t) => {
  const driver = await inspect(t, ['e1000e', '--port', '0', '--json', '--', ...traffic(25)]);
  const client = await Client.connect(driver.port);
  const { Debugger } = client.cdp;
  t.ok(client.scripts.size > 500, `${client.scripts.size} files of the driver and the core`);
  const url = client.url('e1000e/netdev.c');
  const line = await client.lineOf(url, 'i = rx_ring->next_to_clean;');
  let paused = client.paused();
  const { breakpointId, locations } = await Debugger.setBreakpointByUrl({ url, lineNumber: line });
  t.match(locations, [{ lineNumber: line }]);
  let stop = await paused;
  t.same(stop.hitBreakpoints, [breakpointId]);
  const names = stop.callFrames.map(({ functionName }) => functionName);
  t.match(names[0], /^e1000_clean_rx_irq/);
  t.ok(names.includes('net_rx_action'), names.join(' '));
  t.match(names.at(-1), /^(clone3|start_thread)$/, 'down to the start of the thread');

  const [local, registers] = stop.callFrames[0]?.scopeChain ?? [];
  const locals = await client.properties(local?.object.objectId as string);
  t.match(locals.get('adapter'), { description: /^\(struct e1000_adapter \*\) 0x/ });
  const adapter = await client.properties(locals.get('adapter')?.objectId as string);
  t.match(adapter.get('netdev'), { description: /struct net_device \*/ });
  const netdev = await client.properties(adapter.get('netdev')?.objectId as string);
  t.match(netdev.get('name'), { value: /^eth0/ });
  t.ok((await client.properties(registers?.object.objectId as string)).has('rip'));

  // Time stands still: jiffies before and after a second of pause.
  const jiffies = Number(await client.evaluate('(unsigned int)jiffies_64'));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  t.equal(Number(await client.evaluate('(unsigned int)jiffies_64')), jiffies, 'time stands still');

  await Debugger.removeBreakpoint({ breakpointId });
  const lines: number[] = [];
  for (let i = 0; i < 20; i++) {
    paused = client.paused();
    await Debugger.stepOver({});
    stop = await paused;
    lines.push((stop.callFrames[0]?.location.lineNumber ?? 0) + 1);
  }
  t.ok(new Set(lines).size > 5, `lines ${lines.join(' ')}`);
  t.notMatch(stop.callFrames[0]?.functionName, /alarm|signal/, 'the timer is not stepped into');
  const frame = stop.callFrames[0]?.callFrameId as string;
  const pc = await Debugger.evaluateOnCallFrame({ callFrameId: frame, expression: '$pc != 0' });
  t.equal(pc.result.value, 1);
  const resumed = client.cdp.Debugger.resumed();
  await Debugger.resume({});
  await resumed;
  await t.rejects(Debugger.evaluateOnCallFrame({ callFrameId: frame, expression: '1' }), /call frame/, 'a stale frame');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  t.ok(Number(await client.evaluate('(unsigned int)jiffies_64')) > jiffies, 'and goes on');

  // A condition, and a logpoint.
  paused = client.paused();
  const condition = 'rx_ring->count == 256 && work_to_do > 0';
  const conditional = await Debugger.setBreakpointByUrl({ url, lineNumber: line, condition });
  stop = await paused;
  t.same(stop.hitBreakpoints, [conditional.breakpointId]);
  await Debugger.removeBreakpoint(conditional);
  paused = client.paused();
  const never = await Debugger.setBreakpointByUrl({ url, lineNumber: line, condition: 'rx_ring->count == 1' });
  await Debugger.resume({});
  const hit = await Promise.race([paused.then(() => true), new Promise((resolve) => setTimeout(resolve, 1000, false))]);
  t.equal(hit, false, 'a false condition does not pause');
  await Debugger.removeBreakpoint(never);
  await client.cdp.close();
  // Ctrl-C would end the driver without its results.
  t.equal(await driver.ended, 0, driver.stderr().slice(-2000));
  t.match(JSON.parse(driver.stdout()) as Result, { results: [{ workload: 'tcp', ok: true }] }, 'the content is equal');
});

t.test('typing changes nothing', async (t) => {
  const driver = await inspect(t, ['e1000e', '--port', '0', '--json', '--', 'idle', '--duration', '3600']);
  const client = await Client.connect(driver.port);
  const before = await client.evaluate('netdev_budget');
  const expressions = [
    'netdev_budget = 99',
    'netdev_budget=99',
    'netdev_budget += 1',
    'netdev_budget -= 1',
    'netdev_budget *= 2',
    'netdev_budget /= 2',
    'netdev_budget %= 1',
    'netdev_budget <<= 1',
    'netdev_budget >>= 1',
    'netdev_budget |= 8',
    'netdev_budget &= 0',
    'netdev_budget ^= 7',
    'netdev_budget++',
    '++netdev_budget',
    'netdev_budget--',
    '--netdev_budget',
    '*&netdev_budget = 5',
    '*(int *)&netdev_budget = 5',
    '1, netdev_budget = 5',
    '1 ? netdev_budget = 5 : 0',
    'net_ratelimit()',
    '(net_ratelimit)()',
    '(*net_ratelimit)()',
    '((int (*)(void))net_ratelimit)()',
    'panic("x")',
    'init_net.loopback_dev->netdev_ops->ndo_open(init_net.loopback_dev)',
    '$rax = 1',
    '$rip = 0',
    '$rsp++',
    '$eflags |= 256',
    '$fs_base = 0',
    '$x = 5',
    '$_shell("touch /tmp/dde-inspect-pwned")',
    '"text"',
    'strlen("text")',
    '*(unsigned int *)0xc0000000',
    '*(unsigned int *)0xc0000008 = 1',
    '*(unsigned char *)0x2000',
    '((struct e1000_hw *)0)->hw_addr[0]',
    '*(int *)0xfdffffff',
  ];
  t.ok(expressions.length >= 40);
  for (const expression of expressions) {
    const { result } = await client.cdp.Runtime.evaluate({ expression, throwOnSideEffect: true });
    t.match(result, { subtype: 'error' }, expression) || t.comment(JSON.stringify(result));
  }
  t.equal(await client.evaluate('netdev_budget'), before);
  t.match(await client.evaluate('sizeof(struct sk_buff) > 0', true), 1, 'what only reads is answered');
  await client.cdp.close();
  await interrupt(t, driver.child, driver.ended, driver.stderr);
});

t.test('--break-on probe, --pause-timeout', async (t) => {
  const args = ['e1000e', '--port', '0', '--json', '--break-on', 'probe', '--pause-timeout', '3s'];
  const driver = await inspect(t, [...args, '--', 'ping', '--count', '20']);
  const cdp = await CDP({ host: '127.0.0.1', port: driver.port });
  const paused = cdp.Debugger.paused();
  await cdp.Debugger.enable({});
  t.match((await paused).callFrames[0]?.functionName, 'e1000_probe');
  await cdp.Debugger.resumed();
  t.equal(await driver.ended, 0, driver.stderr().slice(-2000));
  t.match(JSON.parse(driver.stdout()) as Result, { results: [{ workload: 'ping', ok: true }] });
});

t.test('node inspect', async (t) => {
  const driver = await inspect(t, ['e1000e', '--port', '0', '--json', '--', ...traffic(40)]);
  const client = await Client.connect(driver.port);
  const line = (await client.lineOf(client.url('e1000e/netdev.c'), 'i = rx_ring->next_to_clean;')) + 1;
  const node = execa(process.execPath, ['inspect', `127.0.0.1:${driver.port}`], { reject: false, timeout: 300_000 });
  let output = '';
  node.stdout.on('data', (chunk) => (output += chunk));
  /** Waits for what comes behind a place of the output. */
  const answered = async (from: number, answer: RegExp, what: string): Promise<void> => {
    for (let i = 0; i < 900 && !answer.test(output.slice(from)); i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    if (!t.match(output.slice(from), answer, what)) throw new Error(`node inspect says ${JSON.stringify(output)}`);
  };
  const ask = (text: string, answer: RegExp): Promise<void> => {
    const from = output.length;
    node.stdin.write(`${text}\n`);
    return answered(from, answer, text);
  };
  // What it is told before its first prompt is lost.
  await answered(0, /debug> $/, 'the prompt');
  await ask(`sb('netdev.c', ${line})`, /break in .*netdev\.c[\s\S]*debug> $/);
  await ask('bt', /#0 e1000_clean_rx_irq .*netdev\.c[\s\S]*(start_thread|clone3)[\s\S]*debug> $/);
  await ask("exec('rx_ring->count')", /256[\s\S]*debug> $/);
  await ask('next', /(break|step) in .*netdev\.c[\s\S]*debug> $/);
  await ask(`cb('netdev.c', ${line})`, /debug> $/);
  await ask('cont', /debug> $/);
  node.stdin.write('.exit\n');
  await node;
  await client.cdp.close();
  // Ctrl-C would end the driver without its results.
  t.equal(await driver.ended, 0, driver.stderr().slice(-2000));
  t.match(JSON.parse(driver.stdout()) as Result, { results: [{ workload: 'tcp', ok: true }] });
});

t.test('our page in Chromium', { skip: CHROMIUM === undefined ? 'no chromium' : false }, async (t) => {
  const driver = await inspect(t, ['e1000e', '--port', '0', '--json', '--', ...traffic(3600)]);
  const begun = performance.now();
  const page = await DevToolsPage.open(t.testdir({}), driver.page);
  t.teardown(() => page.close());
  t.ok(await page.shows(/^Sources$/, 60));
  t.comment(`Sources after ${Math.round(performance.now() - begun)} ms`);
  await page.click(/^Sources$/);
  t.ok(await page.shows(/^file:\/\/$/, 60), 'the tree of files');
  await page.key('p', 'KeyP', 80, 2);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await page.type('e1000e/netdev.c:927');
  t.ok(await page.shows(/^netdev\.c/));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await page.enter();
  t.ok(await page.shows(/rx_ring->next_to_clean|next_to_clean/), 'the C text');
  // Another client sets the breakpoint; every client sees the stop.
  const client = await Client.connect(driver.port);
  const url = client.url('e1000e/netdev.c');
  const { breakpointId } = await client.cdp.Debugger.setBreakpointByUrl({
    url,
    lineNumber: await client.lineOf(url, 'i = rx_ring->next_to_clean;'),
  });
  t.ok(await page.shows(/^Debugger paused$/, 60), 'it shows the pause');
  t.ok(await page.shows(/^e1000e_poll$/), 'the call stack');
  t.ok(await page.shows(/^net_rx_action$/));
  t.ok(await page.shows(/^rx_ring$/), 'the locals');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const picture = await page.screenshot();
  const dir = join(root, 'build/screenshots');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'inspector-paused.png'), picture);
  t.ok(picture.length > 20_000);
  await client.cdp.Debugger.removeBreakpoint({ breakpointId });
  await page.key('F8', 'F8', 119);
  t.ok(await page.shows(/^Not paused$/), 'F8 resumes');
  t.same(page.errors, []);
  t.same(page.foreign, [], 'nothing from elsewhere');
  await client.cdp.close();
  await page.close();
  driver.child.kill('SIGINT');
  await driver.ended;
});

/** Bytes of the driver's text that are int3 where the file has none. */
function strayBreakpoints(pid: number): number {
  let stray = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
    const found = /^([0-9a-f]+)-([0-9a-f]+) r.xp ([0-9a-f]+) \S+ \d+ +(\/.*)$/.exec(line);
    if (found === null) continue;
    const [, start, end, offset, path] = found as unknown as [string, string, string, string, string];
    const [from, to, at] = [start, end, offset].map((text) => Number.parseInt(text, 16)) as [number, number, number];
    const memory = readAt(`/proc/${pid}/mem`, from, to - from);
    const file = readFileSync(path).subarray(at, at + memory.length);
    for (let i = 0; i < file.length; i++) if (memory[i] === 0xcc && file[i] !== 0xcc) stray++;
  }
  return stray;
}

function readAt(path: string, offset: number, size: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(fd, bytes, 0, size, offset));
  } finally {
    closeSync(fd);
  }
}

t.test('kill -9 of the server or of gdb: the driver runs on, without breakpoints, with traffic', async (t) => {
  const rounds = LONG ? 50 : 8;
  const run = spawn(process.execPath, [main, 'run', 'e1000e', '--json', '--', ...traffic(3600)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => run.kill('SIGINT'));
  let stdout = '';
  let stderr = '';
  run.stdout.on('data', (chunk) => (stdout += chunk));
  const up = new Promise<void>((resolve) =>
    run.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (stderr.includes('link up')) resolve();
    }),
  );
  const ended = new Promise<number | null>((resolve) => run.once('exit', resolve));
  await up;
  const { stdout: list } = await execa('ps', ['-o', 'pid=', '--ppid', String(run.pid)]);
  const pid = Number(list.trim().split(/\s+/)[0]);
  for (let round = 0; round < rounds; round++) {
    const server = spawn(process.execPath, [main, 'inspect', String(pid), '--port', '0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const gone = new Promise((resolve) => server.once('exit', resolve));
    const listening = new Promise<void>((resolve) =>
      server.stderr.on('data', (chunk) => {
        said += chunk;
        if (said.includes('Open in Chromium')) resolve();
      }),
    );
    // A quarter of the time it is not even ready.
    if (round % 4 === 3) await new Promise((resolve) => setTimeout(resolve, Math.random() * 2500));
    else {
      await Promise.race([listening, gone]);
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
      const client = await Client.connect(port);
      const condition = round % 2 === 0 ? 'rx_ring == 0' : undefined;
      const url = client.url('e1000e/netdev.c');
      client.cdp.Debugger.paused(() => void client.cdp.Debugger.stepOver({}).catch(() => undefined));
      await client.cdp.Debugger.setBreakpointByUrl({
        url,
        lineNumber: 926,
        ...(condition === undefined ? {} : { condition }),
      });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
    }
    const gdb = (await execa('pgrep', ['-P', String(server.pid), '-x', 'gdb'], { reject: false })).stdout.trim();
    const victim = round % 2 === 1 && gdb !== '' ? Number(gdb.split('\n')[0]) : (server.pid as number);
    process.kill(victim, 'SIGKILL');
    await gone;
    for (let i = 0; i < 50 && /TracerPid:\s*[1-9]/.test(readFileSync(`/proc/${pid}/status`, 'utf8')); i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    t.match(status, /TracerPid:\s*0\n/, `round ${round}`);
    t.notMatch(status, /State:\s*[tT]/, 'it is not stopped');
    t.equal(strayBreakpoints(pid), 0, 'no int3');
    const { stdout: state } = await execa('ps', ['-o', 'stat=', '--ppid', String(pid)]);
    t.notMatch(state, /^T/, 'QEMU runs');
  }
  await interrupt(t, run, ended, () => stderr);
  t.match(JSON.parse(stdout) as Result, { results: [{ workload: 'tcp', ok: true }] }, 'the content is equal');
});
