// SPDX-License-Identifier: MIT
// --min-duration while recording: what the recorder leaves out is what a plain model leaves out, and every event is accounted for.
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createTraceRegion, type DrainTotals, openRegion, siteBitmap } from '../../../tracer/recorder/addon.js';
import { KIND, openTrace } from '../../../tracer/decode/index.js';
import { startProducer, sum } from '../support/build.js';
import { type HandEvent, type HandRecord, HandThread, randomOf } from '../support/hand-ring.js';

const LIMIT_NS = 10_000;
const BEGIN = 1_000_000;
const MARK = 1;

/** Ticks a nanosecond, as this machine's traces say. */
async function ticksPerNs(dir: string): Promise<number> {
  const file = join(dir, 'rate.ddet');
  const fd = createTraceRegion({ ringBytes: 1 << 17 });
  const region = openRegion(fd);
  const drain = region.startDrain({ file, metadata: {} });
  new HandThread(fd, 0, 1 << 17).write([{ kind: 'event', tsc: BEGIN, id: MARK, arg: 0, words: [] }]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await drain.stop();
  region.close();
  closeSync(fd);
  return 1 / openTrace(file).nsPerTick;
}

/**
 * Nested calls: each at most half as long as the limit, or at least twice. With events in them, losses between and within, and now
 * and then a frame that is left without an exit.
 */
function story(seed: number, limit: number, losses: boolean): HandRecord[] {
  const random = randomOf(seed);
  const out: HandRecord[] = [{ kind: 'event', tsc: BEGIN, id: MARK, arg: seed, words: [] }];
  let now = BEGIN;
  let left = false;
  const event = (): void => {
    const words = Array.from({ length: 4 * random(3) }, () => random(2 ** 32));
    out.push({ kind: 'event', tsc: now, id: MARK + random(3), arg: random(1000), words });
  };
  const loss = (): void => {
    if (losses && random(400) === 0) out.push({ kind: 'loss', events: 1 + random(50) });
  };
  /** @param budget ticks that it may take at most; 0: at least twice the limit */
  const call = (budget: number, depth: number): void => {
    const begun = now;
    // Sites by depth: no function is called by itself.
    const id = depth * 16 + random(16);
    out.push({
      kind: 'entry',
      tsc: now,
      id,
      arg: random(2 ** 32),
      words: Array.from({ length: random(6) }, () => random(99)),
    });
    for (let n = random(5); n > 0 && depth < 8; n--) {
      now += random(budget === 0 ? limit : budget >> 4);
      if (random(3) === 0) event();
      else call(budget === 0 && random(3) === 0 ? 0 : Math.max(1, (budget || limit) >> 4), depth + 1);
      loss();
    }
    if (budget === 0) now = Math.max(now, begun + 2 * limit);
    else now += random(budget >> 3);
    if (budget > 0 && now - begun > budget) throw new Error('a short call that is not short');
    if (depth > 0 && random(300) === 0) left = true;
    else out.push({ kind: 'exit', tsc: now, id, arg: random(100), words: [] });
  };
  while (out.length < 20_000) {
    if (random(4) === 0) event();
    else call(random(4) === 0 ? 0 : limit >> 1, 0);
    now += random(limit);
    loss();
  }
  // A call that is open at the end, shorter than the limit or not, stays.
  now += 3 * limit;
  out.push(
    { kind: 'entry', tsc: now, id: 999, arg: 0, words: [1, 2, 3] },
    { kind: 'event', tsc: now + 1, id: MARK, arg: 7, words: [] },
  );
  if (losses && !left) throw new Error('the story has no frame that was left');
  return out;
}

/** The model: looks at the whole, where the recorder sees one event after the other. */
function withoutShort(records: readonly HandRecord[], limit: number): HandRecord[] {
  const drop = new Set<number>();
  let open: number[] = [];
  records.forEach((record, i) => {
    if (record.kind === 'loss') open = [];
    else if (record.kind === 'entry') open.push(i);
    else if (record.kind === 'exit') {
      const at = open.pop();
      const entry = at === undefined ? undefined : (records[at] as HandEvent);
      if (entry?.id !== record.id) {
        // Frames were left: whoever is open and not yet too long may have lost its exit, too.
        const among = [...open, ...(at === undefined ? [] : [at])];
        open = among.some((k) => record.tsc - (records[k] as HandEvent).tsc < limit) ? [] : open;
      } else if (record.tsc - entry.tsc < limit) {
        drop.add(at as number);
        drop.add(i);
      }
    }
  });
  return records.filter((_, i) => !drop.has(i));
}

const events = (records: readonly HandRecord[]): number => records.filter(({ kind }) => kind !== 'loss').length;
const lost = (records: readonly HandRecord[]): number =>
  records.reduce((all, record) => all + (record.kind === 'loss' ? record.events : 0), 0);

interface Run {
  readonly totals: DrainTotals;
  readonly file: string;
}

async function record(
  file: string,
  threads: readonly (readonly HandRecord[])[],
  options: { minDuration?: number; ringBytes?: number; snapshot?: boolean; exit?: boolean } = {},
): Promise<Run> {
  const { ringBytes = 8 << 20, snapshot = false, exit = false } = options;
  const fd = createTraceRegion({ ringBytes, mode: snapshot ? 'overwrite' : 'drop' });
  const region = openRegion(fd);
  const what = {
    file,
    metadata: {},
    ...(options.minDuration === undefined ? {} : { minDuration: options.minDuration }),
  };
  try {
    threads.forEach((records, i) => {
      const thread = new HandThread(fd, i, ringBytes);
      thread.write(records);
      if (exit) thread.exit(BEGIN * 1000);
    });
    return { totals: snapshot ? region.snapshot(what) : await region.startDrain(what).stop(), file };
  } finally {
    region.close();
    closeSync(fd);
  }
}

/** All that the decoder gives, with times in ticks. */
function content(file: string): { text: string; gaps: number } {
  const trace = openTrace(file);
  const lines: string[] = [];
  let gaps = 0;
  trace.forEachBatch((b) => {
    gaps += b.lostBefore;
    for (let i = 0; i < b.count; i++) {
      const start = b.payloadStart[i] as number;
      const words =
        b.kind[i] === KIND.exit || start === 0
          ? []
          : [...b.payload.subarray(start, start + (b.payload[start - 1] as number))];
      const tick = Math.round((b.ts[i] as number) / trace.nsPerTick);
      lines.push([b.thread.uid, tick, b.kind[i], b.flags[i], b.id[i], b.arg[i], ...words].join(' '));
    }
  });
  trace.close();
  return { text: lines.join('\n'), gaps };
}

function accounted(test: typeof t, file: string, totals: DrainTotals): void {
  const trace = openTrace(file);
  test.same(trace.corrupt, []);
  test.equal(totals.produced, totals.recorded + totals.lost + totals.filtered, 'produced = recorded + lost + filtered');
  const { produced, recorded, lost, filtered } = totals;
  test.match(trace.totals, { produced, recorded, lost, filtered, unreadable: 0 }, 'the file says the same');
  test.equal(
    trace.threads.reduce((all, thread) => all + thread.filtered, 0),
    filtered,
    'by thread',
  );
  for (const thread of trace.threads)
    test.match(
      totals.threads.find(({ uid }) => uid === thread.uid),
      { filtered: thread.filtered, recorded: thread.recorded },
    );
  trace.close();
}

t.test('what is left out is what a plain model leaves out', async (t) => {
  const dir = t.testdir();
  const limit = Math.round(LIMIT_NS * (await ticksPerNs(dir)));
  for (const losses of [false, true]) {
    const threads = [1, 2, 3].map((seed) => story(seed + (losses ? 100 : 0), limit, losses));
    const kept = threads.map((records) => withoutShort(records, limit));
    for (const exit of [false, true]) {
      const with_ = await record(join(dir, 'with.ddet'), threads, { minDuration: LIMIT_NS, exit });
      const without = await record(join(dir, 'without.ddet'), kept, { exit });
      accounted(t as never, with_.file, with_.totals);
      accounted(t as never, without.file, without.totals);
      t.equal(without.totals.filtered, 0);
      t.equal(with_.totals.recorded, sum(kept.map(events)));
      t.equal(with_.totals.lost, sum(threads.map(lost)));
      t.equal(with_.totals.produced, sum(threads.map(events)) + sum(threads.map(lost)));
      t.ok(with_.totals.filtered > 2000 && with_.totals.recorded > 10_000, `${with_.totals.filtered} left out`);
      const [a, b] = [content(with_.file), content(without.file)];
      t.ok(a.text === b.text, 'event by event, with arguments, gaps and times');
      t.equal(a.gaps, b.gaps);
      t.equal(openTrace(with_.file).metadata.minDuration, LIMIT_NS);
      t.equal(openTrace(without.file).metadata.minDuration, undefined);
    }
  }
});

t.test('a snapshot of rings that were overwritten', async (t) => {
  const dir = t.testdir();
  const limit = Math.round(LIMIT_NS * (await ticksPerNs(dir)));
  const ringBytes = 4 * 65_536;
  const story_ = story(77, limit, false) as HandEvent[];
  const all = await record(join(dir, 'all.ddet'), [story_], { ringBytes, snapshot: true });
  t.ok(all.totals.lost > 1000, `${all.totals.lost} overwritten`);
  const rest = story_.slice(all.totals.lost);
  const with_ = await record(join(dir, 'with.ddet'), [story_], { ringBytes, snapshot: true, minDuration: LIMIT_NS });
  const without = await record(join(dir, 'without.ddet'), [
    [{ kind: 'loss', events: all.totals.lost }, ...withoutShort(rest, limit)],
  ]);
  accounted(t as never, with_.file, with_.totals);
  t.equal(with_.totals.produced, story_.length);
  t.equal(with_.totals.lost, all.totals.lost);
  t.equal(with_.totals.recorded, events(withoutShort(rest, limit)));
  t.ok(with_.totals.filtered > 1000);
  // The first event may have been left out: times are compared by their differences.
  const shape = (file: string): string => content(file).text.replace(/^(\d+) \d+/gm, '$1');
  t.ok(shape(with_.file) === shape(without.file), 'event by event');
});

t.test('what waits is bounded, and does not wait for ever', async (t) => {
  const dir = t.testdir();
  const events_ = 100_000;
  const burst: HandRecord[] = [
    { kind: 'entry', tsc: BEGIN, id: 1, arg: 1, words: [] },
    ...Array.from(
      { length: events_ },
      (_, i): HandRecord => ({ kind: 'event', tsc: BEGIN + 1, id: MARK, arg: i, words: [] }),
    ),
    { kind: 'entry', tsc: BEGIN + 2, id: 2, arg: 1, words: [] },
    { kind: 'exit', tsc: BEGIN + 3, id: 2, arg: 1, words: [] },
    { kind: 'exit', tsc: BEGIN + 4, id: 1, arg: 1, words: [] },
  ];
  const { totals, file } = await record(join(dir, 'burst.ddet'), [burst], { minDuration: 1e9 });
  accounted(t as never, file, totals);
  t.equal(totals.filtered, 2, 'the call inside');
  t.equal(totals.recorded, events_ + 2, 'the call with more events than may wait is kept');
  t.same(
    [...openTrace(file).events()].filter(({ kind }) => kind === 'event').map(({ arg }) => arg),
    Array.from({ length: events_ }, (_, i) => i),
  );

  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const drain = region.startDrain({ file: join(dir, 'open.ddet'), metadata: {}, minDuration: LIMIT_NS });
  const thread = new HandThread(fd, 0, 1 << 20);
  thread.write(burst.slice(0, 100));
  const end = performance.now() + 10_000;
  while (drain.totals().recorded < 100 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(drain.totals().recorded, 100, 'a call that has been open for long is in the file before its end');
  thread.write(burst.slice(-1));
  t.match(await drain.stop(), { recorded: 101, filtered: 0, produced: 101 });
  region.close();
  closeSync(fd);
});

t.test('a real writer, several threads', async (t) => {
  for (const ringBytes of [16 << 20, 128 << 10]) {
    const dir = t.testdir();
    const fd = createTraceRegion({ ringBytes });
    const region = openRegion(fd);
    region.setControl({ categories: 0xffffffff, sites: siteBitmap(Array.from({ length: 64 }, (_, i) => i)) });
    const file = join(dir, 'trace.ddet');
    const drain = region.startDrain({ file, metadata: {}, minDuration: LIMIT_NS });
    const producer = startProducer(fd, join(dir, 'counts'), [
      '--threads',
      5,
      '--switches',
      8000,
      '--burst',
      50,
      '--churn',
    ]);
    closeSync(fd);
    const produced = await producer.ended;
    const totals = await drain.stop();
    region.close();
    accounted(t as never, file, totals);
    t.equal(totals.produced, sum(produced.begun), 'every event that the producer counted');
    t.ok(
      totals.filtered > totals.produced / 10,
      `${totals.filtered} of ${totals.produced} left out, ${totals.lost} lost`,
    );
    const trace = openTrace(file);
    let short = 0;
    const open: number[][] = [];
    trace.forEachBatch((b) => {
      open[b.thread.uid] ??= [];
      const stack = open[b.thread.uid] as number[];
      for (let i = 0; i < b.count; i++) {
        if (b.kind[i] === KIND.entry) stack.push(b.ts[i] as number);
        if (b.kind[i] !== KIND.exit) continue;
        const took = (b.ts[i] as number) - (stack.pop() as number);
        if (b.flags[i] === 0 && took < LIMIT_NS * 0.999) short++;
      }
    });
    // An exit that a gap separates from its entry is no call that the decoder shows.
    t.equal(short, 0, 'no short call is in the file');
  }
});
