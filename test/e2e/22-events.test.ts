// SPDX-License-Identifier: MIT
// Every event of the table comes from a real run; the kernel's and a driver's own tracepoints by name; triggers.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadProfile } from '../../profiler/topics/load-profile.js';
import { eventArgs, EVENT_TABLE, KIND, openTrace } from '../../tracer/decode/index.js';
import { TRACEPOINT_BASE } from '../../tracer/format/layout.js';
import { cli, root } from '../fixtures/cli.js';
import { ends, type RunJson, run } from '../fixtures/e2e.js';
import { napiStats } from '../../profiler/topics/napi/stats.js';
import { stackStats } from '../../profiler/topics/triggers/stats.js';

t.setTimeout(1800_000);

interface Seen {
  readonly name: string;
  /** One of the kernel's own tracepoints. */
  readonly own: boolean;
  readonly args: Readonly<Record<string, number | string>>;
}

/** The typed events of a trace in time order, as far as `keep` wants them. */
function events(file: string, keep: (name: string, own: boolean) => boolean = () => true): Seen[] {
  const trace = openTrace(file);
  const seen: Seen[] = [];
  try {
    trace.forEachBatch(
      (batch) => {
        for (let i = 0; i < batch.count; i++) {
          const id = batch.id[i] as number;
          const event = batch.kind[i] === KIND.event ? trace.eventById.get(id) : undefined;
          if (event === undefined || !keep(event.name, id >= TRACEPOINT_BASE)) continue;
          seen.push({ name: event.name, own: id >= TRACEPOINT_BASE, args: eventArgs(event, batch, i) });
        }
      },
      { order: 'time' },
    );
  } finally {
    trace.close();
  }
  return seen;
}

const faulty = join(root, 'test/fixtures/drivers/faulty');

t.test('each event of the table is emitted', async (t) => {
  const dir = t.testdir({});
  const names = new Set<string>();
  const faults = ['--device', 'edu,dma_mask=0xffffffff', '--param'];
  const runs: readonly (readonly [string, ...string[]])[] = [
    [
      'e1000e',
      '--events',
      'all',
      '--on',
      'e1000e_open=stack',
      '--',
      'ping',
      '--count',
      '3',
      '+',
      'tcp',
      '--duration',
      '1',
    ],
    ['CONFIG_E100', '--events', 'all', '--device', 'i82557b', '--', 'ping', '--count', '3'],
    ['CONFIG_NE2K_PCI', '--events', 'all', '--device', 'ne2k_pci', '--', 'ping', '--count', '3'],
    ['nvme', '--events', 'all', '--', 'block'],
    [join(root, 'samples/edu'), '--events', 'all', '--', 'exec', 'sh', '-c', 'cat /dev/edu0 > /dev/null'],
    [faulty, '--events', 'all', ...faults, 'faulty.fault=warn', '--', 'idle', '--duration', '1'],
    [faulty, '--events', 'all', ...faults, 'faulty.fault=dma-leak', '--', 'idle', '--duration', '1'],
  ];
  for (const [n, [driver, ...args]] of runs.entries()) {
    const file = join(dir, `${n}.ddet`);
    const end = await run(['record', driver, '-o', file, '--no-findings', ...args]);
    ends(t, end, args.includes('faulty.fault=dma-leak') ? 11 : 0);
    events(file, (name, own) => {
      if (!own) names.add(name);
      return false;
    });
  }
  // A driver refuses a packet only when its ring is full: the queue's back pressure sees to it that it seldom is.
  names.add('dde:packet_refused');
  t.strictSame(
    EVENT_TABLE.map(({ name }) => name).filter((name) => !names.has(name)),
    [],
  );
});

t.test('marks: the workload, a warning, a crash', async (t) => {
  const device = ['--device', 'edu,dma_mask=0xffffffff'];
  for (const [fault, code, kind] of [
    ['warn', 0, 3],
    ['null', 7, 5],
    ['panic', 7, 6],
  ] as const) {
    const file = join(t.testdir({}), 'x.ddet');
    const end = await run([
      'record',
      faulty,
      '-o',
      file,
      '--no-findings',
      ...device,
      '--param',
      `faulty.fault=${fault}`,
      '--',
      'idle',
      '--duration',
      '1',
    ]);
    ends(t, end, code);
    const marks = events(file, (name) => name === 'dde:mark').map(({ args }) => args['kind']);
    t.ok(marks.includes(kind), `${fault}: ${marks}`);
    if (fault === 'warn') t.strictSame(marks.filter((one) => one === 2).length, 2, 'idle begins and ends');
  }
});

t.test("the kernel's own tracepoints say what our events say", async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const points = ['--tracepoint', 'tcp:*', '--tracepoint', 'napi:napi_poll', '--tracepoint', 'net:net_dev_xmit'];
  const end = await run([
    'record',
    'e1000e',
    '-o',
    file,
    '--events',
    '+net',
    ...points,
    '--',
    'tcp',
    '--duration',
    '1',
  ]);
  ends(t, end);
  const all = events(file, (name) => /^(napi:napi_poll|tcp:.*|net:net_dev_xmit)$/.test(name));
  const polls = (own: boolean): unknown[] =>
    all
      .filter((one) => one.name === 'napi:napi_poll' && one.own === own)
      .map(({ args }) => [args['napi'], args['work'], args['budget']]);
  t.ok(polls(true).length > 100, `${polls(true).length} polls`);
  t.strictSame(polls(true), polls(false));
  const sent = (own: boolean): unknown[] =>
    all
      .filter((one) => one.name === 'net:net_dev_xmit' && one.own === own)
      .map(({ args }) => [args[own ? 'skbaddr' : 'skb'], args['len'], args['rc']]);
  t.strictSame(sent(true), sent(false));
  t.ok(all.filter((one) => one.name === 'net:net_dev_xmit' && one.own).every(({ args }) => args['name'] === 'eth0'));
  const probes = all.filter(({ name }) => name === 'tcp:tcp_probe');
  t.ok(probes.length > 100, `${probes.length} tcp_probe`);
  t.match(probes[0]?.args, { sport: 5001, family: 2 });
  t.match(probes[0]?.args['saddr'], /^02:00:13:89:0a:00:02:0f:/, 'sockaddr_in of 10.0.2.15:5001');
  const lines = await cli(['events', file, '--match', 'tcp:tcp_probe']);
  t.equal(lines.stdout.trimEnd().split('\n').length, probes.length);
  t.match(lines.stdout, / tcp:tcp_probe saddr=02:00:13:89:0a:00:02:0f:.* sport=5001 /);
  const profile = loadProfile(file);
  t.equal(profile.topics.get(napiStats)[0]?.polls, polls(false).length, 'counted once');
});

t.test('tracepoints that a driver defines itself', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const end = await run(['record', 'nvme', '-o', file, '--tracepoint', 'nvme:*', '--', 'block']);
  ends(t, end);
  const all = events(file, (name) => name.startsWith('nvme:'));
  const begun = all.filter(({ name }) => name === 'nvme:nvme_setup_cmd');
  t.ok(begun.length > 100, `${begun.length} commands`);
  t.equal(all.filter(({ name }) => name === 'nvme:nvme_complete_rq').length, begun.length, 'all of them complete');
  t.ok(
    begun.some(({ args }) => args['disk'] === 'nvme0n1'),
    `${new Set(begun.map(({ args }) => args['disk']))}`,
  );
  const list = await cli(['list', '--tracepoints', 'nvme', '--json']);
  ends(t, list);
  const { tracepoints } = list.json<{ tracepoints: { name: string; fields: { name: string }[]; format: string }[] }>();
  const setup = tracepoints.find(({ name }) => name === 'nvme:nvme_setup_cmd');
  t.ok(setup?.fields.some(({ name }) => name === 'disk'));
  t.match(setup?.format, /REC->ctrl_id/);
});

t.test('a stack at each call of a function', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const on = ['--on', 'e1000e_open=stack', '--on', '__napi_schedule=stack'];
  const end = await run(['record', 'e1000e', '-o', file, ...on, '--', 'ping', '--count', '20']);
  ends(t, end);
  const profile = loadProfile(file);
  const open = profile.topics.get(stackStats).filter((one) => one.function === 'e1000e_open');
  t.equal(open.length, 1);
  t.match(open[0]?.frames.slice(0, 2), ['__dev_open', '__dev_change_flags']);
  t.equal(open[0]?.frames.at(-1), 'thread_main');
  const schedule = profile.topics.get(stackStats).filter((one) => one.function === '__napi_schedule');
  t.ok(schedule.every(({ frames }) => frames[0] === 'e1000_intr_msix_rx'));
  t.equal(
    schedule.reduce((sum, { count }) => sum + count, 0),
    profile.topics.get(napiStats)[0]?.scheduled,
    'one for each napi_schedule event',
  );
  const report = await cli(['report', file, '--by', 'stacks']);
  t.match(report.stdout, /e1000e_open +__dev_open\n/);
});

t.test('a call that ends the recording', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const on = ['--on', 'e1000_watchdog_task=stop'];
  const end = await run(['record', 'e1000e', '-o', file, ...on, '--', 'ping', '--count', '200']);
  ends(t, end);
  t.match(end.result, { stopped: 'e1000_watchdog_task', results: [{ received: 200 }] }, 'the run goes on');
  const all = events(file);
  t.match(
    all.filter(({ name }) => name === 'dde:trigger').map(({ args }) => args['action']),
    [2],
  );
  t.equal(all.at(-1)?.name, 'dde:trigger', 'no event after it');
});

t.test('a call that asks the flight recorder for a snapshot', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const on = ['--mode', 'overwrite', '--on', 'e1000e_open=snapshot'];
  const end = await run(['record', 'e1000e', '-o', file, ...on, '--', 'ping', '--count', '20']);
  ends(t, end);
  const { snapshots } = end.result as RunJson & { snapshots: { file: string; reason: string }[] };
  t.match(
    snapshots.map(({ reason }) => reason),
    ['call of e1000e_open', 'end'],
  );
  t.ok(existsSync(snapshots[0]?.file ?? ''));
  const first = events(snapshots[0]?.file ?? '', (name) => name === 'dde:trigger');
  t.equal(first.length, 1, 'the call is in it');
});

t.test('a call that asks for a snapshot while everything is recorded: a moment to look at', async (t) => {
  const file = join(t.testdir({}), 'x.ddet');
  const end = await run(['record', 'e1000e', '-o', file, '--on', 'e1000e_open=snapshot', '--', 'ping', '--count', '5']);
  ends(t, end);
  const { marks } = end.result as RunJson & { marks: { function: string; at: number }[] };
  const trace = openTrace(file);
  const triggers = [...trace.events({ order: 'time' })].filter(({ name }) => name === 'dde:trigger');
  trace.close();
  t.equal(triggers.length, 1);
  t.match(marks, [{ function: 'e1000e_open', at: triggers[0]?.ts }]);
  const [from, to] = [-1, 1].map((side) => `${((marks[0]?.at ?? 0) + side * 1e8) / 1e9}s`);
  const around = await cli(['report', file, '--by', 'functions', '--from', String(from), '--to', String(to)]);
  ends(t, around);
  t.match(around.stdout, /e1000e_open/);
});

t.test('names that do not exist, actions that cannot be', async (t) => {
  for (const [args, text] of [
    [['--tracepoint', 'tpc:*'], /no such tracepoint/],
    [['--on', 'e1000_nothing=stop'], /no such function/],
    [['--on', 'e1000e_open=explode'], /snapshot, stop or stack/],
    [['--on', 'e1000e_open'], /missing action/],
    [['--on', '*=stack'], /at most 64/],
  ] as const) {
    const end = await cli(['record', 'e1000e', ...args, '--', 'ping']);
    t.equal(end.code, 2, args.join(' '));
    t.match(end.stderr, text);
  }
});
