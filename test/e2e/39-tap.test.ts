// SPDX-License-Identifier: MIT
// The workload tap: the user-level driver's card as an interface of the host, used by the host's own programs in a network namespace of ours.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { toolCommand } from '../fixtures/cli.js';
import { waitUntil } from '../fixtures/e2e.js';

t.setTimeout(600_000);

const SPACE = `dde-test-${process.pid}`;
/** More in a long run: issue 12, point 7. */
const ROUNDS = process.env['DDE_LONG'] === '1' ? 100 : 5;

await execa('ip', ['netns', 'add', SPACE]);
t.teardown(() => execa('ip', ['netns', 'del', SPACE]));

const inside = (command: string, args: readonly string[]) =>
  execa('ip', ['netns', 'exec', SPACE, command, ...args], { reject: false, timeout: 60_000 });
await inside('ip', ['link', 'set', 'lo', 'up']);

interface Tap {
  readonly pid: number;
  /** Ctrl-C; what it printed. */
  end(): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

async function start(t: Test, words: readonly string[], driver = 'e1000e'): Promise<Tap> {
  const [command, ...args] = toolCommand;
  const all = ['netns', 'exec', SPACE, command, ...args, 'run', driver, '--json', '--', 'tap', ...words];
  const child = spawn('ip', all, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  t.ok(await waitUntil(() => /\bon this machine is\b/.test(stderr) || child.exitCode !== null, 60_000), stderr);
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGINT');
      return { code: await closed, stdout, stderr };
    },
  };
}

/** The interfaces of the namespace, without lo. */
async function until(test: () => Promise<boolean>, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  for (;;) {
    if (await test()) return true;
    if (performance.now() > end) return false;
  }
}

async function interfaces(): Promise<string[]> {
  const { stdout } = await inside('ip', ['-o', 'link', 'show']);
  return [...stdout.matchAll(/^\d+: (\w+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'lo');
}

interface Iperf {
  readonly end: {
    readonly sum_sent: { readonly bytes: number };
    readonly sum_received: { readonly bytes: number; readonly bits_per_second: number };
  };
}

/** The server is behind QEMU's network, which leads back to this namespace. */
async function iperf(...more: readonly string[]): Promise<Iperf> {
  const server = inside('iperf3', ['-s', '-1', '-B', '127.0.0.1']);
  await until(async () => (await inside('ss', ['-Hltn', 'sport = :5201'])).stdout !== '', 10_000);
  const { stdout } = await inside('iperf3', ['-c', '10.0.2.2', '-t', '2', '-J', ...more]);
  await server;
  return JSON.parse(stdout) as Iperf;
}

t.test('ping, iperf3 in both directions, a file that comes through whole', async (t) => {
  const tap = await start(t, ['--name', 'card0', '--address', '10.0.2.15/24']);
  t.strictSame(await interfaces(), ['card0']);
  const ping = await inside('ping', ['-c', '20', '-i', '0.05', '10.0.2.2']);
  t.match(ping.stdout, /20 packets transmitted, 20 received/);
  for (const direction of [[], ['-R']]) {
    const { end } = await iperf(...direction);
    t.ok(end.sum_received.bytes > 1 << 20, `${(end.sum_received.bits_per_second / 1e6).toFixed(0)} Mbit/s`);
  }
  // This program itself, sent by one of the host's and received by another.
  const file = process.execPath;
  const receiver = inside('python3', [
    '-c',
    'import hashlib,socket;s=socket.create_server(("127.0.0.1",5300));c=s.accept()[0];h=hashlib.sha256()\nwhile d:=c.recv(1<<16):h.update(d)\nprint(h.hexdigest())',
  ]);
  await until(async () => (await inside('ss', ['-Hltn', 'sport = :5300'])).stdout !== '', 10_000);
  await inside('python3', [
    '-c',
    'import socket,sys;c=socket.create_connection(("10.0.2.2",5300));c.sendfile(open(sys.argv[1],"rb"));c.close()',
    file,
  ]);
  const { stdout: expected } = await execa('sha256sum', [file]);
  t.equal((await receiver).stdout, expected.split(' ')[0], 'every byte is equal');
  const end = await tap.end();
  const [result] = (JSON.parse(end.stdout) as { results: readonly Record<string, unknown>[] }).results;
  t.match(result, { workload: 'tap', ok: true, name: 'card0' });
  t.ok(Number(result?.['toCard']) > 1000 && Number(result?.['toHost']) > 1000, JSON.stringify(result));
  t.strictSame(await interfaces(), [], 'the interface is gone');
});

t.test(`${ROUNDS} starts and stops, one of them by kill -9`, async (t) => {
  for (let i = 0; i < ROUNDS; i++) {
    const tap = await start(t, []);
    t.strictSame(await interfaces(), ['dde0']);
    if (i === ROUNDS - 1) process.kill(tap.pid, 'SIGKILL');
    t.equal((await tap.end()).code, i === ROUNDS - 1 ? null : 130);
    t.ok(await until(async () => (await interfaces()).length === 0, 5000), 'nothing is left');
  }
});

t.test('another driver; a name that is taken, an address that is none', async (t) => {
  const tap = await start(t, ['--address', '10.0.2.15/24'], '8139cp');
  t.match((await inside('ping', ['-c', '5', '-i', '0.1', '10.0.2.2'])).stdout, /5 received/);
  const second = await start(t, ['--name', 'dde0']);
  t.match((await second.end()).stderr, /the host gives no TAP interface dde0: error -16/);
  await tap.end();
  const wrong = await start(t, ['--address', '10.0.2.15']);
  t.match((await wrong.end()).stderr, /--address: not A\.B\.C\.D\/N/);
});

t.test('without the right to it', async (t) => {
  t.match(readFileSync('/proc/self/status', 'utf8'), /^Uid:\t0\t/m, 'this test runs as root');
  const [command, ...args] = toolCommand;
  const { all } = await execa(
    'setpriv',
    ['--bounding-set=-net_admin', '--inh-caps=-net_admin', command, ...args, 'run', 'e1000e', '--', 'tap'],
    { reject: false, all: true },
  );
  t.match(all, /error -1 \(it needs root or CAP_NET_ADMIN\)/);
});
