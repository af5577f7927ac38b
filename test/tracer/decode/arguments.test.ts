// SPDX-License-Identifier: MIT
// Arguments of calls, from the registers through ring and file to names; and files from before there were any.
import { closeSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../../profiler/setup/root.js';
import { createTraceRegion, openRegion, siteBitmap } from '../../../tracer/recorder/addon.js';
import { KIND, openTrace, siteArgValue, siteArgWord, type TraceEvent } from '../../../tracer/decode/index.js';
import { readSites } from '../../../tracer/decode/metadata.js';
import { startProducer, sum } from '../support/build.js';

const LONG = { type: 'long', format: 'dec', bits: 32, signed: true } as const;
/** The API thunks of the producer, in the order of its table. */
const SITES = [
  {
    i: 0,
    kind: 'api',
    name: 'api_add',
    addr: 0,
    args: [
      { name: 'a', word: 0, ...LONG },
      { name: 'b', word: 1, ...LONG },
    ],
    returns: { name: 'ret', ...LONG },
  },
  {
    i: 1,
    kind: 'api',
    name: 'api_sum',
    addr: 0,
    args: ['n', 'x', 'y', 'z'].map((name, word) => ({ name, word, ...LONG })),
    returns: { name: 'ret', ...LONG },
  },
];

async function record(dir: string, counts: Uint8Array, args: readonly (string | number)[] = []) {
  const fd = createTraceRegion({ ringBytes: 4 << 20 });
  const region = openRegion(fd);
  region.setControl({
    categories: 0xffffffff,
    sites: siteBitmap(Array.from({ length: 64 }, (_, i) => i)),
    args: counts,
  });
  const file = join(dir, 'trace.ddet');
  const drain = region.startDrain({ file, metadata: { sites: SITES } });
  const producer = startProducer(fd, join(dir, 'counts'), ['--threads', 3, ...args]);
  closeSync(fd);
  const produced = await producer.ended;
  const totals = await drain.stop();
  region.close();
  return { file, produced, totals };
}

t.test('arguments and return values by name', async (t) => {
  const { file, produced, totals } = await record(t.testdir(), Uint8Array.of(1, 3), ['--switches', 200, '--burst', 40]);
  t.equal(totals.lost, 0);
  t.equal(totals.recorded, sum(produced.begun), 'every event is there');
  const trace = openTrace(file);
  t.equal(trace.version, 3);
  t.ok(
    trace.cost !== undefined && trace.cost.args >= 0 && trace.cost.args < trace.cost.pair * 3,
    'their cost is known',
  );
  const open = new Map<number, TraceEvent[]>();
  let calls = 0;
  let wrong = 0;
  for (const event of trace.events()) {
    if (event.kind === 'event' || event.id > 1) continue;
    const stack = open.get(event.thread.uid) ?? [];
    open.set(event.thread.uid, stack);
    if (event.kind === 'entry') {
      stack.push(event);
      continue;
    }
    const entry = stack.pop();
    const { a, b, n, x, y, z } = entry?.args ?? {};
    const good =
      event.id === 0
        ? b === 1 && event.args['ret'] === Number(a) + 1 && Object.keys(entry?.args ?? {}).length === 2
        : n === 3 && x === y && y === z && event.args['ret'] === 3 * Number(x);
    calls++;
    if (!good) wrong++;
  }
  t.ok(calls > 300, `${calls} calls`);
  t.equal(wrong, 0, 'each has its own arguments and its own return value');
  trace.close();
});

t.test('any number of arguments on any site, threads that come and go: nothing is lost or mixed up', async (t) => {
  const counts = Uint8Array.from({ length: 64 }, (_, i) => i % 6);
  const run = await record(t.testdir(), counts, ['--switches', 2000, '--burst', 40, '--churn', '--seed', 7]);
  t.equal(run.totals.recorded + run.totals.lost, sum(run.produced.begun), 'produced = recorded + lost');
  t.equal(run.totals.damaged, 0);
  const trace = openTrace(run.file);
  t.equal(trace.corrupt.length, 0);
  let bad = 0;
  const seen = new Set<number>();
  trace.forEachBatch((batch) => {
    for (let i = 0; i < batch.count; i++) {
      if (batch.kind[i] !== KIND.entry) continue;
      const start = batch.payloadStart[i] as number;
      const words = start === 0 ? 0 : (batch.payload[start - 1] as number);
      seen.add(words);
      if (words !== counts[batch.id[i] as number]) bad++;
    }
  });
  t.equal(bad, 0, 'each entry has as many as its site was told to record');
  t.ok(seen.size >= 5, `entries with ${[...seen].sort().join(', ')} arguments`);
  const bytes = statSync(run.file).size / run.totals.recorded;
  t.ok(bytes <= 8, `${bytes.toFixed(2)} bytes an event`);
  trace.close();
});

t.test('values of every width', async (t) => {
  const arg = (bits: number, signed: boolean) => ({ name: 'x', type: 'x', format: 'dec', bits, signed }) as const;
  t.equal(siteArgValue(arg(32, true), 0xfffffff4), -12);
  t.equal(siteArgValue(arg(32, false), 0xfffffff4), 0xfffffff4);
  t.equal(siteArgValue(arg(8, false), 0xabcdef01), 1);
  t.equal(siteArgValue(arg(16, true), 0x1234ffff), -1);
  t.equal(siteArgWord({ ...arg(8, false) }, {} as never, 0), undefined, 'not recorded');
});

t.test('a file of version 1', async (t) => {
  const trace = openTrace(join(projectRoot, 'test/tracer/decode/fixtures/version1.ddet'));
  t.match(trace, { version: 1, complete: true, totals: { recorded: 370, lost: 0, unreadable: 0 } });
  const kinds = { entry: 0, exit: 0, event: 0 };
  let args = 0;
  for (const event of trace.events()) {
    kinds[event.kind]++;
    if (event.kind !== 'event') args += Object.keys(event.args).length;
  }
  t.same(kinds, { entry: 139, exit: 139, event: 92 });
  t.equal(args, 0);
  t.same(trace.corrupt, []);
  trace.close();
});

t.test('a file of version 2', async (t) => {
  const trace = openTrace(join(projectRoot, 'test/tracer/decode/fixtures/version2.ddet'));
  t.match(trace, { version: 2, complete: true, totals: { recorded: 3009, lost: 0, unreadable: 0 } });
  const kinds = new Map<number, number>();
  let sum = 0;
  let words = 0;
  const add = (value: number): void => {
    sum = (Math.imul(sum, 31) + value) >>> 0;
  };
  trace.forEachBatch((batch) => {
    for (let i = 0; i < batch.count; i++) {
      const kind = batch.kind[i] as number;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      add((batch.arg[i] as number) + (batch.id[i] as number));
      const start = batch.payloadStart[i] as number;
      const count = start === 0 ? 0 : (batch.payload[start - 1] as number);
      words += count;
      for (const word of batch.payload.subarray(start, start + count)) add(word);
    }
  });
  // As the reader of that version had them.
  t.same([...kinds].sort(), [
    [KIND.entry, 1104],
    [KIND.exit, 1104],
    [KIND.event, 801],
  ]);
  t.same([sum, words], [1_847_433_050, 8746]);
  t.same(trace.corrupt, []);
  trace.close();
});

t.test('a prototype that makes no sense is left out, the site stays', async (t) => {
  const arg = { name: 'x', type: 'int', format: 'dec', bits: 32, word: 0 };
  const [good, wide, place, none] = readSites({
    sites: [
      { args: [arg], returns: arg },
      { args: [{ ...arg, bits: 99 }] },
      { args: [{ ...arg, word: 9 }] },
      { args: 'x' },
    ],
  });
  t.same(good?.args, [arg]);
  t.same(good?.returns, arg);
  for (const site of [wide, place, none]) t.notOk(site !== undefined && 'args' in site);
});
