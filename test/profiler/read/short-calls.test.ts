// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import type { Profile } from '../../../profiler/model/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';
import { dmaStats } from '../../../profiler/topics/dma/stats.js';

function times(p: Profile, name: string): { calls: number; total: number; self: number } {
  const f = p.frames.list.find((x) => x.name === name);
  if (f === undefined) return { calls: 0, total: 0, self: 0 };
  return {
    calls: p.stats.calls[f.id] as number,
    total: p.stats.total[f.id] as number,
    self: p.stats.self[f.id] as number,
  };
}

t.test('short calls are left out, their time is their callers', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  const [outer, middle, inner] = [s.site('outer', 'driver'), s.site('middle', 'core'), s.site('inner', 'api')];
  s.enter(outer);
  for (const ns of [5, 10, 20, 40]) {
    s.enter(middle);
    s.now += 8;
    s.call(inner, ns);
    s.leave();
  }
  s.leave();
  const all = profileFromTrace(s.trace());
  t.same(times(all, 'inner'), { calls: 4, total: 75, self: 75 });
  t.same(times(all, 'outer'), { calls: 1, total: 107, self: 0 });

  const some = profileFromTrace(s.trace(), { filter: { minDuration: 20 } });
  t.same(times(some, 'inner'), { calls: 2, total: 60, self: 60 }, 'exactly as long as asked for is long enough');
  t.same(times(some, 'middle'), { calls: 2, total: 76, self: 16 });
  t.same(times(some, 'outer'), { calls: 1, total: 107, self: 31 }, 'no time is lost');
  t.match(some.meta.title, /calls of at least 20 ns/);
  t.same(times(profileFromTrace(s.trace(), { filter: { minDuration: 0 } }), 'inner').calls, 4);
  t.same(times(profileFromTrace(s.trace(), { filter: { minDuration: 1000 } }), 'outer').calls, 0);
});

t.test('a driver under traffic: the calls that are left are those that were long', async (t) => {
  const trace = networkTrace({ packets: 300 }).trace();
  const whole = profileFromTrace(trace);
  for (const min of [100, 1000, 20_000]) {
    const part = profileFromTrace(trace, { filter: { minDuration: min } });
    t.equal(part.duration, whole.duration);
    t.equal(part.accounting.recorded, whole.accounting.recorded);
    t.equal(
      part.accounting.orphanExits + part.accounting.unclosed,
      whole.accounting.orphanExits + whole.accounting.unclosed,
    );
    for (const frame of part.frames.list.filter(({ kind }) => kind === 'api' || kind === 'driver' || kind === 'core')) {
      const h = part.wallHistograms[frame.id] ?? part.histograms[frame.id];
      if (h !== undefined && h.count > 0) t.ok(h.min >= min, `${frame.name}: ${h.min} >= ${min}`);
    }
    t.equal(part.topics.get(dmaStats).live.length, whole.topics.get(dmaStats).live.length, 'events are all there');
  }
});
