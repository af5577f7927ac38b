// SPDX-License-Identifier: MIT
// Most calls take a short cut through the builder (ProfileBuilder.calls). A model that keeps spreads does not take it: both must agree.
import t, { type Test } from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import type { Profile, SelfTimes } from '../../../profiler/model/index.js';
import { emptyTopics, randomGenerator } from '../fixtures/fuzz.js';
import { networkTrace } from '../fixtures/network-driver.js';
import type { Trace } from '../../../tracer/decode/index.js';
import { ProfileBuilder } from '../../../profiler/read/index.js';

/** What both must agree on; the spread itself is left out, and the sum of the tracer's cost is rounded. */
function essence({ tree, selfTimes: _, frames, overhead, threads, ...rest }: Profile & { selfTimes?: SelfTimes }) {
  const { size } = tree;
  const columns = [tree.frame, tree.parent, tree.calls, tree.total, tree.self, tree.wall].map((c) => [
    ...c.slice(0, size),
  ]);
  const timelines = threads.map(({ timeline, ...thread }) => {
    const events: number[] = [];
    timeline.forEach((time, code) => void events.push(time, code));
    return { ...thread, events };
  });
  return { columns, timelines, frames: frames.list, overhead: Math.round(overhead?.total ?? 0), ...rest };
}

/** The parts in which they differ: whole models would be megabytes of message. */
function different(a: ReturnType<typeof essence>, b: ReturnType<typeof essence>): string[] {
  const keys = Object.keys(a) as (keyof typeof a)[];
  return keys.filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

function agree(t: Test, make: () => Trace, name: string): void {
  for (const timeline of [true, false]) {
    const short = essence(profileFromTrace(make(), { timeline }));
    const long = essence(profileFromTrace(make(), { timeline, selfTimes: true }));
    t.strictSame(different(short, long), [], `${name}${timeline ? ', in time order' : ''}`);
  }
}

t.test('a network driver', async (t) => {
  agree(t, () => networkTrace({ packets: 300 }).trace(), 'all events');
});

/** Entries and exits as they come, many of them wrong: ends that do not fit, time that runs back, sites never seen before. */
function broken(seed: number, selfTimes: boolean): Profile {
  const random = randomGenerator(seed);
  const builder = new ProfileBuilder({ selfTimes, cost: { pair: 3, inner: 1, event: 1, args: 2 } });
  const frames = Array.from({ length: 12 }, (_, k) =>
    builder.frame({ name: `f${k}`, kind: (['api', 'driver', 'core', 'softirq'] as const)[k % 4] ?? 'core' }),
  );
  const frameOf = Int32Array.from(frames, (f, k) => (k % 4 === 3 ? -1 : f));
  const s = builder.thread('workload', 1, 'workload');
  const count = 400;
  let now = 0;
  const open: number[] = [];
  const rows = Array.from({ length: count }, () => {
    now += random(40) - (random(30) === 0 ? 60 : 0);
    const enter = random(2) === 0 || open.length === 0;
    const site = enter ? random(12) : random(8) === 0 ? random(12) : (open.pop() as number);
    if (enter) open.push(site);
    return {
      ts: now + 0.25,
      kind: enter ? 1 : 2,
      id: site,
      flags: enter ? 0 : Number(random(40) === 0),
      args: random(3),
    };
  });
  const b = {
    ts: Float64Array.from(rows, (r) => r.ts),
    kind: Uint8Array.from(rows, (r) => r.kind),
    id: Uint32Array.from(rows, (r) => r.id),
    flags: Uint8Array.from(rows, (r) => r.flags),
    arg: new Uint32Array(count),
    payloadStart: Uint32Array.from(rows, (r) => r.args),
    payload: new Uint32Array(4),
  };
  let taken = 0;
  // In stretches: after each the thread gives the CPU away.
  for (let from = 0; from < count; ) {
    const to = Math.min(count, from + 1 + random(80));
    for (let i = from; i < to; i++) {
      const next = builder.calls(s, b, i, to, frameOf);
      taken += next - i;
      i = next;
      if (i === to) break;
      const time = Math.floor(b.ts[i] as number);
      const frame = frames[b.id[i] as number] as number;
      if (b.kind[i] === 1) {
        builder.enter(s, time, frame);
        if ((b.payloadStart[i] as number) > 0) builder.chargeArguments(s);
      } else if (b.flags[i] === 0) builder.leave(s, time, frame);
    }
    builder.switchOut(s, s.last);
    from = to;
  }
  if (selfTimes !== (taken === 0)) throw new Error(`${taken} events took the short cut`);
  return builder.finish({ title: 'x', complete: true }, emptyTopics(), []);
}

t.test('200 broken recordings', async (t) => {
  let wrong = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const [short, long] = [essence(broken(seed, false)), essence(broken(seed, true))];
    if (different(short, long).length > 0) wrong++;
  }
  t.equal(wrong, 0);
});
