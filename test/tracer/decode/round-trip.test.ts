// SPDX-License-Identifier: MIT
// Every word of every event comes back from a file as it stood in the ring, whatever repeats and whatever does not.
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createTraceRegion, openRegion } from '../../../tracer/recorder/addon.js';
import { KIND, openTrace } from '../../../tracer/decode/index.js';
import { type HandEvent, HandThread, randomOf } from '../support/hand-ring.js';

const RING = 8 << 20;

/**
 * Words as drivers have them: the same again, on by the same step, all on by one difference (a buffer's addresses), anything at all.
 */
function story(seed: number, events: number, sites = 40): HandEvent[] {
  const random = randomOf(seed);
  const known = new Map<string, number[]>();
  const out: HandEvent[] = [];
  const open: number[] = [];
  let now = 1_000_000;
  const words = (key: string, count: number): number[] => {
    const last = known.get(key) ?? new Array<number>(count).fill(0);
    const steps = [random(2 ** 32), random(4096), 1, 2 ** 31, 2 ** 32 - 1];
    const next = last.map((word) => {
      const way = random(10);
      if (way < 5) return word;
      if (way === 5) return random(2 ** 32);
      return (word + (steps[random(steps.length)] as number)) >>> 0;
    });
    known.set(key, next);
    return next;
  };
  while (out.length < events) {
    now += random(40) === 0 ? random(2 ** 34) : random(300);
    const way = random(5);
    if (way < 2) {
      const id = random(30) === 0 ? 900_000 + random(9) : random(sites);
      const [arg, ...more] = words(`call ${id}`, 1 + (id % 6)) as [number, ...number[]];
      out.push({ kind: 'entry', tsc: now, id, arg, words: more });
      open.push(id);
    } else if (way < 4 && open.length > 0) {
      const id = open.pop() as number;
      out.push({ kind: 'exit', tsc: now, id, arg: words(`exit ${id}`, 1)[0] as number, words: [] });
    } else {
      const id = 1 + random(20);
      const [arg, ...more] = words(`event ${id}`, 1 + 4 * (id % 16)) as [number, ...number[]];
      out.push({ kind: 'event', tsc: now, id, arg, words: more });
    }
  }
  return out;
}

async function throughFile(dir: string, events: readonly HandEvent[]) {
  const file = join(dir, 'trace.ddet');
  const fd = createTraceRegion({ ringBytes: RING });
  const region = openRegion(fd);
  const drain = region.startDrain({ file, metadata: {} });
  new HandThread(fd, 0, RING).write(events);
  const totals = await drain.stop();
  region.close();
  closeSync(fd);
  return { file, totals };
}

for (const [seed, sites] of [
  [1, 40],
  [2, 40],
  [3, 40],
  [4, 5000],
] as const) {
  t.test(`seed ${seed}: 70,000 events, ${sites} functions`, async (t) => {
    // More events than a chunk holds; 5,000 functions are more than it can tell apart.
    const events = story(seed, 70_000, sites);
    const { file, totals } = await throughFile(t.testdir(), events);
    t.match(totals, { recorded: events.length, lost: 0, damaged: 0 });
    const trace = openTrace(file);
    let at = 0;
    let wrong: string | undefined;
    trace.forEachBatch((batch) => {
      for (let i = 0; i < batch.count; i++) {
        if (((batch.flags[i] as number) & 1) !== 0) continue; // frames that were still open at the end
        const event = events[at++];
        const start = batch.payloadStart[i] as number;
        const count = start === 0 || event?.kind === 'exit' ? 0 : (batch.payload[start - 1] as number);
        const got = {
          kind: batch.kind[i] as number,
          id: batch.id[i] as number,
          arg: batch.arg[i] as number,
          words: [...batch.payload.subarray(start, start + count)],
        };
        const want = { kind: event && KIND[event.kind], id: event?.id, arg: event?.arg, words: event?.words };
        if (JSON.stringify(got) !== JSON.stringify(want)) {
          wrong ??= `event ${at - 1}: ${JSON.stringify(got)} in place of ${JSON.stringify(want)}`;
        }
      }
    });
    t.equal(wrong, undefined);
    t.equal(at, events.length);
    t.same(trace.corrupt, []);
    trace.close();
  });
}

t.test('times come back to the tick', async (t) => {
  const events = story(9, 5000);
  const { file } = await throughFile(t.testdir(), events);
  const trace = openTrace(file);
  const begin = events[0]?.tsc as number;
  let at = 0;
  let worst = 0;
  for (const event of trace.events()) {
    if (event.synthetic) continue;
    const ticks = event.ts / trace.nsPerTick;
    worst = Math.max(worst, Math.abs(ticks - ((events[at++] as HandEvent).tsc - begin)));
  }
  t.equal(at, events.length);
  t.ok(worst < 0.5, `at most ${worst.toFixed(3)} ticks away`);
  trace.close();
});
