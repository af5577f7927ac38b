// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { findings } from '../../../profiler/findings/index.js';
import { renderReport } from '../../../profiler/report/index.js';
import type { Profile } from '../../../profiler/model/index.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

function times(p: Profile, name: string): { calls: number; total: number } {
  const f = p.frames.list.find((x) => x.name === name);
  return f === undefined
    ? { calls: 0, total: 0 }
    : { calls: p.stats.calls[f.id] as number, total: p.stats.total[f.id] as number };
}

t.test('a call that lies across both edges is cut', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  const [outer, inner] = [s.site('outer', 'driver'), s.site('inner', 'api')];
  s.enter(outer);
  for (let i = 0; i < 10; i++) {
    s.now += 50;
    s.call(inner, 50);
  }
  s.leave();
  const part = profileFromTrace(s.trace(), { filter: { from: 225, to: 725 } });
  t.equal(part.duration, 500);
  t.same(times(part, 'outer'), { calls: 1, total: 500 });
  t.same(times(part, 'inner'), { calls: 5, total: 250 });
  t.match(part.meta.title, /\(from 0\.\d+ s to 0\.\d+ s\)$/);
  const inside = profileFromTrace(s.trace(), { filter: { from: 260, to: 290 } });
  t.same(times(inside, 'inner'), { calls: 0, total: 0 }, 'nothing happens in it: nothing is known');
});

t.test('the whole, in parts', async (t) => {
  const trace = networkTrace({ packets: 200 }).trace();
  const whole = profileFromTrace(trace);
  const all = profileFromTrace(trace, { filter: { from: 0 } });
  t.equal(all.duration, whole.duration);
  for (const name of ['e1000e_poll', 'dma_map_single_attrs', 'napi_gro_receive']) {
    t.same(times(all, name), times(whole, name), `${name}: a filter that leaves everything`);
    let calls = 0;
    const cuts = [0, 0.21, 0.5, 0.83, 1].map((x) => Math.round(x * whole.duration));
    for (let i = 1; i < cuts.length; i++) {
      const filter = { from: cuts[i - 1] as number, to: (cuts[i] as number) - (i === 4 ? 0 : 1) };
      calls += times(profileFromTrace(trace, { filter }), name).calls;
    }
    const { calls: expected } = times(whole, name);
    t.ok(calls >= expected && calls <= expected + 3, `${name}: ${calls} in 4 parts, ${expected} in all`);
  }
});

t.test('some threads', async (t) => {
  const trace = networkTrace({ packets: 50 }).trace();
  const part = profileFromTrace(trace, { filter: { thread: (name) => name === 'workload' } });
  t.strictSame(
    part.threads.filter((x) => x.calls > 0).map((x) => x.name),
    ['workload'],
  );
  t.strictSame(
    findings(part).filter((f) => f.kind === 'dma-unmap-without-map'),
    [],
    'what was mapped elsewhere is no fault',
  );
});

t.test('a part repairs nothing and counts its own: what was open before it is known', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  const [outer, poll] = [s.site('outer', 'driver'), s.site('poll', 'driver')];
  s.enter(outer);
  s.now += 100;
  s.event('irq_handler_entry', { irq: 24, handler: s.address('outer') });
  s.event('softirq_raise', { vec: 3 });
  s.now += 100;
  s.event('irq_handler_exit', { irq: 24, ret: 1 });
  s.event('softirq_entry', { vec: 3 });
  s.enter(poll);
  s.now += 600;
  s.leave();
  s.event('softirq_exit', { vec: 3 });
  s.now += 100;
  s.leave();
  const whole = profileFromTrace(s.trace());
  for (const from of [150, 300]) {
    const part = profileFromTrace(s.trace(), { filter: { from, to: 850 } });
    t.match(part.accounting, { orphanExits: 0, tooDeep: 0, backwards: 0, corrupt: 0, lost: 0 }, `from ${from}`);
    t.ok(part.accounting.recorded < whole.accounting.recorded, 'events of the part');
    t.equal(part.accounting.produced, part.accounting.recorded);
    t.notMatch(renderReport(part), 'repaired');
    t.same(
      times(part, 'softirq NET_RX'),
      { calls: 1, total: from === 150 ? 600 : 500 },
      'the softirq is cut at the edge',
    );
    t.same(times(part, 'poll'), { calls: 1, total: from === 150 ? 600 : 500 });
    t.equal(
      times(part, 'outer').total,
      850 - from - (from === 150 ? 650 : 500),
      "and its time is not the interrupted call's",
    );
  }
});
