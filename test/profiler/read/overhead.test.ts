// SPDX-License-Identifier: MIT
// The tracer's own cost: counted, and taken out on request.
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { loadProfile } from '../../../profiler/topics/load-profile.js';
import type { Profile } from '../../../profiler/model/index.js';
import { renderReport } from '../../../profiler/report/index.js';
import { makeTrace } from '../../tracer/support/make-trace.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

const COST = { pair: 20, inner: 8, event: 10, args: 3 };

function times(p: Profile, name: string): { total: number; self: number; wall: number } {
  const id = p.frames.list.find((x) => x.name === name)?.id ?? -1;
  const { total, self, wall } = p.stats;
  return { total: total[id] as number, self: self[id] as number, wall: wall[id] as number };
}

/** A recording in which each part of the tracer's cost stands where it does in a real one. True times: outer 1000, inner 50 each. */
function recorded(): SyntheticTrace {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  const [outer, inner] = [s.site('outer', 'driver'), s.site('inner', 'api')];
  const call = (more: readonly number[]): void => {
    s.enter(inner, 1, more);
    s.now += 50 + COST.inner + (more.length > 0 ? COST.args : 0);
    s.leave();
    s.now += COST.pair - COST.inner;
  };
  s.now = 100;
  s.enter(outer);
  s.now += 900;
  call([]);
  call([7]);
  s.event('kmalloc', {});
  s.now += COST.event + COST.inner;
  s.leave();
  return s;
}

t.test('taken out where it was spent', async (t) => {
  const trace = { ...recorded().trace(), cost: COST };
  const raw = profileFromTrace(trace);
  t.same(times(raw, 'inner'), { total: 119, self: 119, wall: 119 });
  t.same(raw.overhead, { ...COST, total: 3 * 20 + 10 + 3, subtracted: false });

  const clean = profileFromTrace(trace, { subtractOverhead: true });
  t.same(times(clean, 'inner'), { total: 100, self: 100, wall: 119 }, 'the function itself; its wall time stays');
  t.same(
    times(clean, 'outer'),
    { total: 1000, self: 900, wall: times(raw, 'outer').wall },
    "its callees' and its events' cost too",
  );
  t.equal(clean.overhead?.subtracted, true);
  t.equal(clean.overhead?.total, raw.overhead?.total);
  t.match(renderReport(raw), /tracer: 20\.0 ns a call, 10\.0 ns an event; 73 ns in all, .* of the busy time/);
  t.match(renderReport(clean), /73 ns in all, taken out of total and own times/);
  t.match(JSON.parse(renderReport(clean, { json: true })), { overview: { overhead: { subtracted: true, total: 73 } } });
});

t.test('a call shorter than the measured cost takes no time, not less', async (t) => {
  const s = new SyntheticTrace();
  s.use(s.thread('workload', 'workload'));
  s.call(s.site('f', 'api'), 5);
  const p = profileFromTrace({ ...s.trace(), cost: COST }, { subtractOverhead: true });
  t.same(times(p, 'f'), { total: 0, self: 0, wall: 5 });
});

t.test('a trace that does not know its cost', async (t) => {
  const p = profileFromTrace(recorded().trace(), { subtractOverhead: true });
  t.equal(p.overhead, undefined);
  t.same(times(p, 'inner').total, 119);
  t.notMatch(renderReport(p), 'tracer:');
});

t.test('a real recording: functions that do nothing', async (t) => {
  // The producer's functions compute one number: what their median call takes is the tracer's own time.
  const sites = Array.from({ length: 64 }, (_, i) => ({ i, kind: 'core', name: `f${i}`, addr: i + 1 }));
  const args = ['--threads', 1, '--switches', 400, '--burst', 50, '--plain'];
  const file = await makeTrace(t.testdir(), { args, metadata: { sites } });
  const middle = (p: Profile): number[] =>
    p.histograms.flatMap((h) => (h !== undefined && h.count > 1000 ? [h.percentile(0.5)] : [])).sort((a, b) => a - b);
  const raw = loadProfile(file);
  const clean = loadProfile(file, { subtractOverhead: true });
  const [before, after] = [middle(raw), middle(clean)];
  t.comment(`median calls: ${before.join(', ')} ns; without the tracer's cost ${after.join(', ')} ns`);
  t.comment(`a call ${raw.overhead?.pair.toFixed(1)} ns, inside ${raw.overhead?.inner.toFixed(1)} ns`);
  t.ok(before.length > 1 && before.length === after.length);
  // The shortest is a leaf, the longest has calls of its own: of those, too, most of the time was the tracer's.
  t.ok((after[0] as number) <= (before[0] as number) * 0.5, 'most of a leaf was overhead');
  t.ok((after.at(-1) as number) <= (before.at(-1) as number) * 0.5, 'and of a function with calls');
  const sum = (p: Profile): number => p.threads.reduce((all, thread) => all + thread.onCpu, 0);
  t.ok(sum(clean) < sum(raw));
});
