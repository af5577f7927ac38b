// SPDX-License-Identifier: MIT
import t from 'tap';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import {
  comparisonSpeedscope,
  compare,
  type PathTimes,
  pathsOf,
  type Recording,
  renderComparison,
} from '../../../profiler/compare/index.js';
import { deals, random, ratioInterval, resolution, withoutTails } from '../../../profiler/compare/statistics.js';
import { networkTrace } from '../fixtures/network-driver.js';

const PATHS = 60;
const SLOW = 'workload > f7 > g7';

/** A run of a made-up program: every path has its own noise, and the machine its own speed in every run. */
function run(seed: number, noise: number, slower = 1, name = 'run'): Recording {
  const next = random(seed * 7919 + 13);
  for (let i = 0; i < 10; i++) next();
  const normal = (): number => Math.sqrt(-2 * Math.log(next() || 1e-9)) * Math.cos(2 * Math.PI * next());
  const machine = Math.exp(0.1 * normal());
  const paths = new Map<string, PathTimes>();
  for (let k = 0; k < PATHS; k++) {
    const path = `workload > f${k} > g${k}`;
    const calls = 1000 + Math.round(20 * normal());
    const each = (200 + 40 * k) * machine * Math.exp(noise * normal()) * (path === SLOW ? slower : 1);
    paths.set(path, { calls, self: calls * each, total: calls * each });
  }
  return { title: name, busy: 1e8, paths };
}

const side = (from: number, n: number, noise: number, slower = 1): Recording[] =>
  Array.from({ length: n }, (_, i) => run(from + i, noise, slower));

t.test('a path that is 5 % slower is named first', async (t) => {
  let found = 0;
  for (let k = 0; k < 20; k++) {
    const c = compare(side(k * 100, 6, 0.01), side(k * 100 + 50, 6, 0.01, 1.05));
    if (c.paths[0]?.path === SLOW && c.paths[0].significant) found++;
  }
  t.ok(found >= 18, `${found} of 20 at 6 recordings a side and 1 % noise`);
  const c = compare(side(0, 8, 0.01), side(50, 8, 0.01, 1.05));
  const [first] = c.paths;
  t.match(first, { path: SLOW, name: 'g7', significant: true });
  t.ok(Math.abs((first?.perCall.ratio ?? 0) - 1.05) < 0.02, `ratio ${first?.perCall.ratio}`);
  const [low, high] = first?.perCall.interval ?? [0, 0];
  t.ok(low > 1.02 && low < 1.05 && high > 1.04 && high < 1.08, `interval ${low} to ${high}`);
});

t.test('100 pairs of equal groups: at most one false alarm', async (t) => {
  let alarms = 0;
  for (let k = 0; k < 100; k++) {
    const c = compare(side(k * 31 + 5000, 6, 0.03), side(k * 31 + 5010, 6, 0.03));
    if (c.paths.some((p) => p.significant)) alarms++;
  }
  t.ok(alarms <= 1, `${alarms} alarms`);
});

t.test('a crowded machine: most calls and a quarter of the runs are slowed, the fastest calls tell', async (t) => {
  const crowded = (seed: number, slower: number): Recording => {
    const r = run(seed, 0.01, slower);
    const next = random(seed * 31 + 5);
    for (let i = 0; i < 10; i++) next();
    const bad = next() < 0.25;
    for (const times of r.paths.values()) {
      const each = times.self / times.calls;
      // In a bad run even the fastest calls are off, each path by another share.
      times.fast = each * (bad ? 1 + 0.3 * next() : 1);
      times.usual = each * (1.2 + 0.4 * next());
      times.self *= 1.5 + next();
    }
    return r;
  };
  const group = (from: number, n: number, slower = 1): Recording[] =>
    Array.from({ length: n }, (_, i) => crowded(from + i, slower));
  let [found, alarms] = [0, 0];
  for (let k = 0; k < 10; k++) {
    const [first] = compare(group(k * 100, 14), group(k * 100 + 50, 14, 1.05)).paths;
    if (first?.path === SLOW && first.significant && (first.fast?.chance ?? 1) < 0.005) found++;
    if (compare(group(k * 100, 12), group(k * 100 + 50, 12)).paths.some((p) => p.significant)) alarms++;
  }
  t.ok(found >= 8, `${found} of 10 at 14 recordings a side`);
  t.ok(alarms <= 1, `${alarms} alarms`);
  const text = renderComparison(compare(group(0, 14), group(50, 14, 1.05)));
  t.match(text, /slower: g7 .*\n.*\n {4}a fast call .*chance < 0\.1 %/);
});

t.test('tails are cut without a look at the groups, and never a whole group', async (t) => {
  t.strictSame([...withoutTails(Float64Array.of(9, 1, 2, 3, 4, 5, 6, -7), 4)], [5, 2, 2, 3, 4, 5, 5, 2]);
  t.strictSame([...withoutTails(Float64Array.of(1, 1, 1, 1, 1, 1, 1, 1, 2, 2), 2)], [1, 1, 1, 1, 1, 1, 1, 1, 2, 2]);
  t.strictSame([...withoutTails(Float64Array.of(1, 2), 1)], [1, 2]);
});

t.test('too few recordings claim nothing', async (t) => {
  for (const n of [1, 2, 3, 4, 5]) {
    const c = compare(side(0, n, 0.001), side(50, n, 0.001, 2));
    t.notOk(
      c.paths.some((p) => p.significant),
      `${n} a side`,
    );
    t.equal(c.paths[0]?.path, SLOW, 'the largest difference comes first all the same');
    t.match(renderComparison(c), /Too few recordings/);
  }
  t.equal(resolution(5, 5), 2 / 252);
  t.equal(deals(10, 5).length, 252);
  t.equal(deals(40, 20).length, 4000);
  t.strictSame(ratioInterval([2, 2], [3, 3], 0.95), [1.5, 1.5]);
});

t.test('text, JSON and speedscope', async (t) => {
  const [a, b] = [side(0, 6, 0.005), side(50, 6, 0.005, 1.2)];
  for (const r of b) (r.paths as Map<string, PathTimes>).set('workload > new', { calls: 1, self: 1, total: 1 });
  const c = compare(a, b);
  const text = renderComparison(c);
  t.match(text, /slower: g7 \+.*\n {2}workload > f7 > g7\n {4}a call .* chance (< )?0\.\d %/);
  t.match(text, /Only in B:\n {2}workload > new/);
  const json = JSON.parse(renderComparison(c, { json: true })) as typeof c;
  t.equal(json.paths.length, PATHS);
  const file = JSON.parse(comparisonSpeedscope(c, a, b)) as {
    shared: { frames: { name: string }[] };
    profiles: { name: string; samples: number[][]; weights: number[]; endValue: number }[];
  };
  t.strictSame(file.profiles.map((p) => p.name).slice(-2), ['A (mean)', 'B (mean)']);
  t.match(file.profiles[0], { name: 'slower in B' });
  for (const p of file.profiles) {
    t.equal(p.samples.length, p.weights.length);
    t.equal(
      p.endValue,
      p.weights.reduce((x, y) => x + y, 0),
    );
    t.ok(p.samples.flat().every((f) => file.shared.frames[f] !== undefined));
  }
  t.notMatch(renderComparison(compare(a, a)), 'slower');
});

t.test('paths of a profile', async (t) => {
  const profile = profileFromTrace(networkTrace({ packets: 50 }).trace());
  const { paths } = pathsOf(profile);
  let [sum, expected] = [0, 0];
  for (const { self } of paths.values()) sum += self;
  for (let n = 1; n < profile.tree.size; n++) {
    const { kind } = profile.frames.get(profile.tree.frame[n] as number);
    if (!['thread', 'blocked', 'gap'].includes(kind)) expected += profile.tree.self[n] as number;
  }
  t.equal(sum, expected, 'no time is lost');
  t.ok([...paths.keys()].some((p) => p.endsWith('softirq NET_RX > e1000e_poll')));
  t.notMatch([...paths.keys()].join('\n'), 'blocked');
});
