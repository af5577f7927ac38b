// SPDX-License-Identifier: MIT
// Arguments and return values of calls in the formats that can show them.
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import type { Profile } from '../../../profiler/model/index.js';
import type { SiteArg, TraceSite } from '../../../tracer/decode/types.js';
import { readPerfetto } from '../fixtures/readers.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

const INT = { type: 'int', format: 'dec', bits: 32, signed: true } as const;
const ENUMS = { 'enum dir': { '0': 'BOTH', '2': 'FROM_DEVICE', '-1': 'NOWHERE' } };

function give(trace: SyntheticTrace, site: number, args: readonly SiteArg[], returns?: SiteArg): void {
  trace.sites[site] = { ...(trace.sites[site] as TraceSite), args, ...(returns === undefined ? {} : { returns }) };
}

function made(): SyntheticTrace {
  const trace = new SyntheticTrace();
  trace.metadata = { driver: 'synthetic', siteEnums: ENUMS };
  trace.use(trace.thread('worker', 'kthread'));
  const probe = trace.site('probe', 'driver');
  const map = trace.site('map', 'api');
  const plain = trace.site('plain', 'api');
  give(
    trace,
    map,
    [
      { name: 'dev', type: 'struct device *', format: 'hex', bits: 32, word: 0 },
      { name: 'size', type: 'u16', format: 'dec', bits: 16, word: 1 },
      { name: 'dir', type: 'enum dir', format: 'enum', bits: 32, enum: 'enum dir', word: 2 },
      { name: 'fn', type: 'handler_t', format: 'sym', bits: 32, word: 3 },
      { name: 'attrs', ...INT, word: 4 },
      { name: 'large', type: 'struct large', format: 'hex', bits: 32 },
    ],
    { name: 'ret', ...INT },
  );
  trace.enter(probe);
  trace.now += 100;
  trace.enter(map, 0x6014d8b8, [0xabcd05f2, 2, trace.address('probe'), 0xffffffff]);
  trace.now += 50;
  trace.enter(plain, 7);
  trace.now += 10;
  trace.leave(9);
  trace.leave(0xfffffff4);
  // Recorded with its first argument only, and an enum value without a name.
  trace.enter(map, 0x10);
  trace.now += 5;
  trace.leave(3);
  trace.enter(map, 0x20, [1, 0xffffffff, 0, 5]);
  trace.now += 5;
  trace.leave(0);
  trace.enter(map, 0x20, [1, 77, 0, 5]);
  trace.leave(0);
  trace.leave(0);
  return trace;
}

const FIRST = { dev: '0x6014d8b8', size: 0x5f2, dir: 'FROM_DEVICE', fn: 'probe', attrs: -1 };
const WANTED = [
  FIRST,
  { ret: -12 },
  { dev: '0x10' },
  { ret: 3 },
  { dev: '0x20', size: 1, dir: 'NOWHERE', fn: '0x0', attrs: 5 },
  { ret: 0 },
  { dev: '0x20', size: 1, dir: 77, fn: '0x0', attrs: 5 },
  { ret: 0 },
];

function bytes(profile: Profile, format: string): Buffer {
  const sink = memorySink();
  findExporter(format).write(profile, sink);
  return Buffer.concat(sink.files);
}

t.test('chrome', async (t) => {
  const profile = profileFromTrace(made().trace(), { callArguments: true });
  const { traceEvents } = JSON.parse(bytes(profile, 'chrome').toString('utf8')) as {
    traceEvents: { ph: string; name?: string; args?: object }[];
  };
  const calls = traceEvents.filter(({ ph, args }) => ph === 'X' && args !== undefined);
  t.strictSame(
    calls.map(({ args }) => args),
    // A call is one event: what it was given and what it returned.
    [0, 2, 4, 6].map((i) => ({ ...WANTED[i], ...WANTED[i + 1] })),
  );
  t.equal(calls[0]?.name, 'map');
});

t.test('perfetto', async (t) => {
  const profile = profileFromTrace(made().trace(), { callArguments: true });
  const numbers = WANTED.map((args) =>
    Object.fromEntries(
      Object.entries(args).map(([name, value]) => {
        // Addresses are pointers there, negative numbers and values of enums texts.
        if (name === 'dev') return [name, Number(value)];
        return [name, typeof value === 'number' && (value < 0 || name === 'dir') ? String(value) : value];
      }),
    ),
  );
  t.strictSame(readPerfetto(bytes(profile, 'perfetto')).args, numbers);
});

t.test('firefox: calls as markers', async (t) => {
  const profile = profileFromTrace(made().trace(), { callArguments: true });
  const json = JSON.parse(bytes(profile, 'firefox').toString('utf8')) as {
    meta: { markerSchema: { name: string; fields: { key: string }[] }[] };
    threads: {
      markers: { data: Record<string, unknown>[]; startTime: number[]; endTime: (number | null)[]; phase: number[] };
    }[];
  };
  const schema = json.meta.markerSchema.find(({ name }) => name === 'map()');
  t.strictSame(
    schema?.fields.map(({ key }) => key),
    ['dev', 'size', 'dir', 'fn', 'attrs', 'large', 'ret'],
  );
  const markers = json.threads[0]?.markers;
  t.equal(markers?.data.length, 4);
  t.strictSame(markers?.data[0], { type: 'map()', ...FIRST, ret: -12 });
  t.same([markers?.startTime[0], markers?.endTime[0], markers?.phase[0]], [100 / 1e6, 160 / 1e6, 1]);
});

t.test('nobody asked: none are kept', async (t) => {
  const profile = profileFromTrace(made().trace());
  t.notOk(profile.threads.some((thread) => thread.words !== undefined));
  t.notMatch(bytes(profile, 'chrome').toString('utf8'), '"dev"');
});

t.test("two static functions of one name: nobody gets the other one's names", async (t) => {
  const trace = new SyntheticTrace();
  trace.use(trace.thread('worker', 'kthread'));
  const [one, two] = [trace.site('start', 'core'), trace.site('start2', 'core')];
  give(trace, one, [{ name: 'first', ...INT, word: 0 }]);
  give(trace, two, [{ name: 'second', ...INT, word: 0 }]);
  trace.sites[two] = { ...(trace.sites[two] as TraceSite), name: 'start' };
  for (const site of [one, two]) {
    trace.enter(site, 5);
    trace.now += 5;
    trace.leave(0);
  }
  const text = bytes(profileFromTrace(trace.trace(), { callArguments: true }), 'chrome').toString('utf8');
  t.equal(text.match(/"first":5/g)?.length, 1);
  t.notMatch(text, 'second');
});
