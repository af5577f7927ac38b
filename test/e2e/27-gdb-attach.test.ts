// SPDX-License-Identifier: MIT
// `gdb --pid` without a number takes the only driver that runs: a test to be run alone.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cli, main, root, toolCommand } from '../fixtures/cli.js';
import { ends, waitUntil } from '../fixtures/e2e.js';
import type { Ps } from '../fixtures/traffic.js';

t.setTimeout(900_000);

/** Issue 3, point 6: 1,000 stops; less in CI. */
const STOPS = process.env['DDE_LONG'] === '1' ? 1000 : 400;
const TRAFFIC = 'tcp --bytes 900000G --duration 600 --direction in';
const FUNCTIONS =
  'e1000e_poll e1000_clean_rx_irq e1000_clean_tx_irq e1000_xmit_frame e1000_alloc_rx_buffers e1000_intr_msix_rx e1000_intr_msix_tx';

t.test('gdb --pid: attach, go on, detach: traffic goes on', async (t) => {
  if ((await execa('gdb', ['--version'], { reject: false })).exitCode !== 0) return t.plan(0, 'no gdb');
  const child = spawn(
    process.execPath,
    [main, 'run', 'e1000e', '--irq', 'intx', '--json', '--', 'ping', '--count', '1000'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: process.env,
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const up = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (stderr.includes('link up')) resolve();
    });
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await up;
  const commands = ['break e1000e_poll', 'continue', 'bt 3', 'delete', 'info threads'].flatMap((command) => [
    '--ex',
    command,
  ]);
  const gdb = await cli(['gdb', '--pid', '--batch', ...commands]);
  ends(t, gdb);
  t.match(gdb.stdout, /hit Breakpoint 1, e1000e_poll/);
  t.match(gdb.stdout, /ksoftirqd|kworker|dde-control/, 'threads have names');
  t.match(gdb.stdout, /Detaching|detached/);
  t.equal(await ended, 0, stderr.slice(-1000));
  t.match(JSON.parse(stdout), { results: [{ workload: 'ping', ok: true, received: 1000 }] });
});

/** Four frames from within, where the traced calls are, and four from without. What lies between depends on the neighbour's state, too. */
const endsOf = (stack: string): string => {
  const names = stack.split(' ');
  return [...names.slice(0, 4), '...', ...names.slice(-4)].join(' ');
};

async function stacksOf(t: Test, pid: number, out: string): Promise<string[]> {
  const commands = [
    `set $stops = ${STOPS}`,
    `set $functions = "${FUNCTIONS}"`,
    `set $out = "${out}"`,
    `source ${join(root, 'test/tracer/support/gdb_frames.py')}`,
    `source ${join(root, 'test/fixtures/driver_stops.py')}`,
  ];
  ends(t, await cli(['gdb', '--pid', String(pid), '--batch', ...commands.flatMap((command) => ['--ex', command])]));
  return readFileSync(out, 'utf8').trim().split('\n');
}

t.test(
  'stops by chance in a driver under traffic: the stacks are those of the driver that is not traced',
  async (t) => {
    if ((await execa('gdb', ['--version'], { reject: false })).exitCode !== 0) return t.plan(0, 'no gdb');
    const dir = t.testdir({});
    // One thing all the time: what it does in the one half it does in the other.
    const running = spawn(process.execPath, [main, 'run', 'e1000e', '--', ...TRAFFIC.split(' ')], { stdio: 'ignore' });
    const gone = new Promise((resolve) => running.once('close', resolve));
    t.teardown(() => running.kill('SIGINT'));
    const pidOf = async (): Promise<number> =>
      (await cli(['ps', '--json'])).json<Ps>().drivers.find(({ workload }) => workload === TRAFFIC)?.pid ?? 0;
    let pid = 0;
    for (let i = 0; i < 60 && pid === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      pid = await pidOf();
    }
    t.ok(pid > 0, 'it runs');
    // The link comes up, the transfer begins.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const untraced = await stacksOf(t, pid, join(dir, 'untraced'));
    const [command, ...args] = toolCommand;
    const recorder = spawn(
      command,
      [...args, 'attach', String(pid), '--functions', '*', '--no-findings', '-o', join(dir, 'x.ddet'), '--json'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    t.teardown(() => recorder.kill('SIGINT'));
    let [stdout, stderr] = ['', ''];
    recorder.stdout.on('data', (chunk) => (stdout += chunk));
    recorder.stderr.on('data', (chunk) => (stderr += chunk));
    const closed = new Promise((resolve) => recorder.once('close', resolve));
    t.ok(await waitUntil(() => stderr.includes('Press Ctrl-C to stop'), 30_000), stderr);
    const traced = await stacksOf(t, pid, join(dir, 'traced'));
    recorder.kill('SIGINT');
    await closed;
    t.ok((JSON.parse(stdout) as { trace: { recorded: number } }).trace.recorded > STOPS, 'it was traced meanwhile');

    for (const [name, stacks] of Object.entries({ traced, untraced })) {
      t.equal(stacks.length, STOPS);
      const broken = stacks.filter((line) => line.includes('??') || !/ (start_thread|clone3)$/.test(line));
      t.same(broken, [], `${name}: each reaches the start of its thread`);
    }
    // What is found a few times need not come again; what makes a twentieth must.
    const often = STOPS / 20;
    const oftenIn = (stacks: readonly string[]): string[] => {
      const counts = new Map<string, number>();
      for (const line of stacks.map(endsOf)) counts.set(line, (counts.get(line) ?? 0) + 1);
      return [...counts].filter(([, count]) => count >= often).map(([line]) => line);
    };
    const missing = (from: readonly string[], other: readonly string[]): string[] => {
      const all = new Set(other.map(endsOf));
      return oftenIn(from).filter((line) => !all.has(line));
    };
    t.same(missing(untraced, traced), []);
    t.same(missing(traced, untraced), []);
    t.ok(oftenIn(untraced).length > 2, `${new Set(untraced).size} and ${new Set(traced).size} different stacks`);
    running.kill('SIGINT');
    await gone;
  },
);
