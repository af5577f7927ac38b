// SPDX-License-Identifier: MIT
import { closeSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createTraceRegion, type DrainTotals, openRegion, siteBitmap } from '../../../tracer/recorder/addon.js';
import { KIND, openTrace, type Trace } from '../../../tracer/decode/index.js';
import { type Produced, startProducer, sum } from '../support/build.js';

const ALL_SITES = siteBitmap(Array.from({ length: 64 }, (_, i) => i));
const ALL = 0xffffffff;

interface Run {
  readonly produced: Produced;
  readonly totals: DrainTotals;
  readonly trace: Trace;
  readonly file: string;
}

async function record(
  dir: string,
  args: readonly (string | number)[],
  options: { ringBytes?: number; killAfterMs?: number; drain?: boolean } = {},
): Promise<Run> {
  const fd = createTraceRegion({ ringBytes: options.ringBytes ?? 1 << 20 });
  const region = openRegion(fd);
  region.setControl({ categories: ALL, sites: ALL_SITES });
  const file = join(dir, 'trace.ddet');
  const drain = region.startDrain({ file, metadata: { driver: 'synthetic' } });
  const producer = startProducer(fd, join(dir, 'counts'), args);
  closeSync(fd);
  if (options.killAfterMs !== undefined) {
    await producer.ready;
    setTimeout(() => producer.kill(), options.killAfterMs);
  }
  const produced = await producer.ended;
  const totals = await drain.stop();
  region.close();
  return { produced, totals, trace: openTrace(file), file };
}

/** Every event of the file must be there, balanced, in order. Returns the number of real events. */
function check(test: Tap.Test, run: Run): number {
  const { trace } = run;
  let events = 0;
  let bad = 0;
  const depth = new Map<number, number[]>();
  let last = 0;
  trace.forEachBatch(
    (batch) => {
      const stack = depth.get(batch.thread.uid) ?? [];
      depth.set(batch.thread.uid, stack);
      for (let i = 0; i < batch.count; i++) {
        const ts = batch.ts[i] as number;
        if (ts < last) bad++;
        last = ts;
        if (batch.kind[i] === KIND.entry) stack.push(batch.id[i] as number);
        if (batch.kind[i] === KIND.exit && stack.pop() !== batch.id[i]) bad++;
        if (batch.flags[i] === 0) events++;
      }
    },
    { order: 'time' },
  );
  test.equal(bad, 0, 'in time order and balanced');
  test.ok(
    [...depth.values()].every((stack) => stack.length === 0),
    'no open frame is left',
  );
  test.equal(events + trace.totals.orphanExits, trace.totals.recorded, 'all recorded events come out');
  test.equal(trace.totals.produced, trace.totals.recorded + trace.totals.lost, 'produced = recorded + lost');
  test.equal(trace.totals.unreadable, 0, 'nothing is unreadable');
  test.same(trace.corrupt, [], 'nothing is corrupt');
  return events;
}

declare namespace Tap {
  type Test = typeof t;
}

t.test('a run without loss', async (t) => {
  const run = await record(t.testdir(), ['--threads', 6, '--switches', 4000, '--burst', 50], { ringBytes: 16 << 20 });
  t.equal(run.produced.code, 0);
  check(t as never, run);
  t.equal(run.totals.lost, 0, 'nothing is lost');
  t.equal(run.totals.recorded, sum(run.produced.begun), 'every event that the producer counted is recorded');
  t.equal(run.trace.totals.recorded, run.totals.recorded);
  t.equal(run.trace.totals.syntheticExits, 0);
  t.equal(run.trace.totals.orphanExits, 0);
  for (const thread of run.trace.threads) {
    t.equal(thread.recorded, run.produced.begun[thread.uid], `thread ${thread.name}`);
  }
  t.equal(run.trace.threads[1]?.name, 'thread/1');
  t.equal(run.trace.threads[2]?.role, 'irq');
  t.ok(run.trace.complete);
  t.ok(run.trace.cost && run.trace.cost.pair > 5 && run.trace.cost.pair < 2000, 'own cost is known');
  t.ok(Math.abs(run.trace.startTime - Date.now()) < 60_000, 'wall clock');
  t.ok(run.trace.nsPerTick > 0.1 && run.trace.nsPerTick < 2, `${run.trace.nsPerTick} ns a tick`);
  t.ok(run.trace.duration > 1e6 && run.trace.duration < 30e9, `${run.trace.duration / 1e6} ms`);
  t.equal(statSync(run.file).mode & 0o777, 0o600);
  const plainBytes = run.totals.bytes / run.totals.recorded;
  t.comment(`${run.totals.recorded} events, ${plainBytes.toFixed(2)} bytes/event`);
});

t.test('arguments survive', async (t) => {
  const run = await record(t.testdir(), ['--threads', 2, '--switches', 50, '--burst', 40], { ringBytes: 4 << 20 });
  const seen = new Map<string, Readonly<Record<string, number | string>>>();
  const texts: string[] = [];
  for (const event of run.trace.events({ order: 'time' })) {
    seen.set(event.name, event.args);
    if (event.name === 'dde:printk') texts.push(event.args['text'] as string);
    if (event.name === 'dde:mark') t.same(event.args, { kind: 0, text: '0123456789abcdef' });
  }
  t.equal(seen.get('napi:napi_poll')?.['budget'], 64);
  t.equal(seen.get('napi:napi_poll')?.['dev'], 0x10204000);
  t.equal(seen.get('dde:mmio_write')?.['width'], 4);
  t.equal(seen.get('dde:mmio_write')?.['bdf'], 0x20);
  t.ok((seen.get('dde:mmio_write')?.['value'] as number) > 2 ** 32, 'a u64 as a double');
  t.ok((seen.get('dma:dma_map')?.['dma'] as number) >= 0x61000000);
  t.ok(texts.length >= 2 && texts.length % 2 === 0);
  t.match(texts[0], /^e1000e 0000:00:04.0 eth0: NIC Link is Up/);
  t.match(texts[1], /0123456789\.$/, 'a long message goes on in the next event');
});

t.test('a small ring loses events, and counts them', async (t) => {
  const run = await record(t.testdir(), ['--threads', 3, '--switches', 20000, '--burst', 50], { ringBytes: 128 << 10 });
  check(t as never, run);
  t.ok(run.totals.lost > 0, `lost ${run.totals.lost}`);
  t.equal(run.totals.produced, sum(run.produced.begun), 'produced is exact');
  let gaps = 0;
  run.trace.forEachBatch((batch) => {
    gaps += batch.lostBefore;
  });
  const shown = run.trace.totals.lost - gaps;
  t.ok(gaps > 0 && shown >= 0, `gaps are shown where they are: ${gaps} of ${run.trace.totals.lost}`);
});

t.test('threads come and go', async (t) => {
  const run = await record(t.testdir(), ['--threads', 8, '--switches', 8000, '--burst', 10, '--churn'], {
    ringBytes: 256 << 10,
  });
  check(t as never, run);
  t.equal(run.totals.produced, sum(run.produced.begun), 'produced is exact');
  t.ok(run.trace.threads.length > 500, `${run.trace.threads.length} threads`);
});

t.test('kill -9 at random moments', async (t) => {
  for (let round = 0; round < 60; round++) {
    const dir = t.testdir();
    const small = round % 2 === 0;
    const run = await record(dir, ['--threads', 1 + (round % 5), '--burst', 30, '--forever', '--seed', round], {
      ringBytes: small ? 128 << 10 : 4 << 20,
      killAfterMs: (round * 37) % 41,
    });
    t.equal(run.produced.signal, 'SIGKILL');
    check(t as never, run);
    // Counted before and after each event: at most the one that the kill hit is open.
    const least = sum(run.produced.done);
    const most = sum(run.produced.begun);
    t.ok(
      run.totals.produced >= least && run.totals.produced <= most && most - least <= 10,
      `round ${round}: ${least} <= ${run.totals.produced} <= ${most}, lost ${run.totals.lost}`,
    );
  }
});
