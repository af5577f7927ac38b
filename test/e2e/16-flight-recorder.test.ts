// SPDX-License-Identifier: MIT
// record --mode overwrite: the newest events survive whatever ends the driver.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import t, { type Test } from 'tap';
import { loadProfile } from '../../profiler/topics/load-profile.js';
import { numbered, warningOf } from '../../profiler/record/flight-recording.js';
import { openTrace } from '../../tracer/decode/index.js';
import { cli, root, toolCommand } from '../fixtures/cli.js';
import { ends, type RunJson, run, waitUntil } from '../fixtures/e2e.js';

type Flight = RunJson & { readonly snapshots: readonly { readonly file: string; readonly reason: string }[] };

const faulty = join(root, 'test/fixtures/drivers/faulty');

async function fault(t: Test, name: string, code: number): Promise<Flight> {
  const file = join(t.testdir({}), 'x.ddet');
  const device = ['--device', 'edu,dma_mask=0xffffffff', '--param', `faulty.fault=${name}`];
  const end = await run([
    'record',
    faulty,
    '--mode',
    'overwrite',
    '-o',
    file,
    ...device,
    '--',
    'idle',
    '--duration',
    '1',
  ]);
  ends(t, end, code);
  return end.result as Flight;
}

t.test('names and console lines', async (t) => {
  t.equal(
    warningOf('[   12.3] WARNING: CPU: 0 PID: 1 at net/core/dev.c:57 0x00000000010002f4'),
    'WARNING at net/core/dev.c:57',
  );
  t.equal(warningOf('[   12.3] Warning: unable to open an initial console.'), undefined);
  t.equal(numbered('/tmp/a.b/x.ddet', 2), '/tmp/a.b/x.warning2.ddet');
  t.equal(numbered('/tmp/a.b/x', 1), '/tmp/a.b/x.warning1');
});

for (const [name, reason] of [
  ['null', /^crash: Segmentation fault/],
  ['bug', /^crash: /],
  ['panic', /^crash: panic/],
] as const) {
  t.test(`${name}: the trace ends where the driver crashed`, async (t) => {
    const { snapshots, trace } = await fault(t, name, 7);
    t.equal(snapshots.length, 1);
    t.match(snapshots[0]?.reason, reason);
    t.equal(trace?.produced, (trace?.recorded ?? 0) + (trace?.lost ?? 0));
    const names = loadProfile(trace?.file ?? '', { timeline: false }).frames.list.map((frame) => frame.name);
    t.ok(names.includes('faulty_probe'), 'the call that did not return');
    t.notOk(names.includes('faulty_remove'));
  });
}

t.test('WARN: a snapshot of that moment, and one of the end', async (t) => {
  const { snapshots } = await fault(t, 'warn', 0);
  t.match(
    snapshots.map((one) => one.reason),
    [/^WARNING at .*faulty\.c:\d+$/, 'end'],
  );
  const counts = snapshots.map(({ file }) => {
    const trace = openTrace(file);
    const { recorded } = trace.totals;
    trace.close();
    return recorded;
  });
  t.ok((counts[0] ?? 0) > 0 && (counts[0] ?? 0) < (counts[1] ?? 0), `${counts} events`);
});

t.test('more traffic than the rings hold: the newest events are kept, the others are counted', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const end = await run([
    'record',
    'e1000e',
    '--mode',
    'overwrite',
    '--buffer',
    '1',
    '-o',
    file,
    '--',
    'tcp',
    '--duration',
    '2',
  ]);
  ends(t, end);
  const { trace } = end.result;
  t.ok(existsSync(file));
  t.ok((trace?.lost ?? 0) > (trace?.recorded ?? 0), `${trace?.recorded} kept, ${trace?.lost} overwritten`);
  t.equal(trace?.produced, (trace?.recorded ?? 0) + (trace?.lost ?? 0));
  const opened = openTrace(file);
  t.equal(opened.totals.recorded, trace?.recorded);
  t.equal(opened.totals.lost, trace?.lost);
  t.strictSame(opened.corrupt, []);
  opened.close();
  const names = loadProfile(file, { timeline: false }).frames.list.map((frame) => frame.name);
  t.ok(names.includes('unregister_netdev'), 'the last calls of the run');
});

t.test('a snapshot on request; top is told that this is a flight recorder', async (t) => {
  const dir = t.testdir({});
  const [command, ...args] = toolCommand;
  const file = join(dir, 'end.ddet');
  const words = [
    'record',
    'e1000e',
    '--mode',
    'overwrite',
    '-o',
    file,
    '--no-findings',
    '--',
    'tcp',
    '--duration',
    '608',
  ];
  const child = spawn(command, [...args, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => child.kill('SIGINT'));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  t.ok(await waitUntil(() => stderr.includes('link up'), 300_000));
  const { drivers } = (await cli(['ps', '--json'])).json<{ drivers: { pid: number; workload: string }[] }>();
  const pid = String(drivers.find((one) => one.workload === 'tcp --duration 608')?.pid);
  const now = join(dir, 'now.ddet');
  const end = await cli(['attach', pid, '-o', now, '--json']);
  ends(t, end);
  t.match(end.json(), { driver: 'e1000e', snapshot: true });
  const profile = loadProfile(now, { timeline: false });
  t.equal(profile.accounting.corrupt, 0);
  t.ok(profile.accounting.recorded > 1000, `${profile.accounting.recorded} events`);
  const top = await cli(['top', pid, '--once']);
  t.equal(top.code, 5);
  t.match(top.stderr, /runs a flight recorder/);
  child.kill('SIGINT');
  t.equal(await ended, 130, stderr.slice(-1000));
  t.ok(existsSync(file));
});
