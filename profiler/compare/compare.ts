// SPDX-License-Identifier: MIT
// Two groups of recordings, path by path: time of a call without its callees, and number of calls. The time is looked at thrice, as
// the mean of all calls (a rare slow case shows there) and as that of the usual and of the fastest ones (which vary less from run
// to run: on a machine with neighbours only the fastest calls show what the code itself takes).

import type { Nanoseconds } from '../model/index.js';
import { type PathTimes, type Recording, SEPARATOR } from './paths.js';
import { chances, median, ratioInterval, resolution, withoutTails } from './statistics.js';

export interface Measure {
  readonly a: number;
  readonly b: number;
  /** b / a. */
  readonly ratio: number;
  /** 95 % interval of the ratio, where there is anything to say: two recordings a side, and hardly chance. */
  readonly interval?: readonly [number, number];
  /** Chance of a difference as large as this in any path if there were none; 1 where there are too few recordings. */
  readonly chance: number;
}

export interface PathDifference {
  readonly path: string;
  readonly name: string;
  /** Self time of one call, nanoseconds. */
  readonly perCall: Measure;
  /** The same of the faster three quarters of the calls, where all recordings tell. */
  readonly usual?: Measure;
  /** The same of the fastest calls. */
  readonly fast?: Measure;
  readonly calls: Measure;
  /** What the path costs more in B, per recording: self time, nanoseconds. */
  readonly cost: Nanoseconds;
  readonly significant: boolean;
}

export interface Comparison {
  readonly a: readonly string[];
  readonly b: readonly string[];
  /** Everything was faster or slower by this (the machine, mostly); it is taken out of `perCall`. */
  readonly common: number;
  /** Chance of a false alarm in the whole comparison that was allowed. */
  readonly alpha: number;
  /** The smallest chance that so few recordings can show; above alpha nothing can be significant. */
  readonly resolution: number;
  /** Significant ones first, then by cost. */
  readonly paths: readonly PathDifference[];
  /** Called in every recording of one side and in none of the other. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

export interface CompareOptions {
  /** Default 0.005. */
  readonly alpha?: number;
  /** Calls in each recording for a path to be compared. Default 50. */
  readonly minCalls?: number;
  /** Share of the busy time, in any recording, for a path to be compared. Default 0.0005. Each more blurs all others. */
  readonly minShare?: number;
}

interface Row {
  readonly path: string;
  readonly times: readonly PathTimes[];
}

const each = (t: PathTimes): number => t.self / t.calls;

function rowsOf(all: readonly Recording[], minCalls: number): Row[] {
  const rows: Row[] = [];
  for (const path of all[0]?.paths.keys() ?? []) {
    const times = all.map((r) => r.paths.get(path));
    if (times.every((t) => t !== undefined && t.calls >= minCalls && t.self > 0)) {
      rows.push({ path, times: times as PathTimes[] });
    }
  }
  return rows;
}

/** How much slower each recording is than the others, in the median path. */
function drift(rows: readonly Row[], runs: number, cost: (t: PathTimes) => number): number[] {
  const logs = rows.map((r) => r.times.map((t) => Math.log(cost(t))));
  const centres = logs.map(median);
  return Array.from({ length: runs }, (_, i) =>
    rows.length < 10 ? 0 : median(logs.map((l, k) => (l[i] as number) - (centres[k] as number))),
  );
}

const mean = (v: readonly number[]): number => v.reduce((s, x) => s + x, 0) / Math.max(1, v.length);

function measure(values: readonly number[], na: number, chance: number): Measure {
  const [left, right] = [values.slice(0, na), values.slice(na)];
  const [a, b] = [mean(left), mean(right)];
  return {
    a,
    b,
    ratio: a > 0 ? b / a : 1,
    chance,
    // It costs some time, and says nothing where all may be chance.
    ...(na > 1 && right.length > 1 && (chance < 0.2 || values.length < 10)
      ? { interval: ratioInterval(left, right, 0.95) }
      : {}),
  };
}

function only(these: readonly Recording[], others: readonly Recording[]): string[] {
  const out: string[] = [];
  for (const path of these[0]?.paths.keys() ?? []) {
    if (!these.every((r) => r.paths.has(path)) || others.some((r) => r.paths.has(path))) continue;
    // Below a path that is itself new, nothing is news.
    const above = path.slice(0, Math.max(0, path.lastIndexOf(SEPARATOR)));
    if (!out.includes(above)) out.push(path);
  }
  return out;
}

export function compare(a: readonly Recording[], b: readonly Recording[], options: CompareOptions = {}): Comparison {
  const alpha = options.alpha ?? 0.005;
  const all = [...a, ...b];
  const na = a.length;
  const known = rowsOf(all, options.minCalls ?? 50);
  const minShare = options.minShare ?? 0.0005;
  const rows = known.filter((r) => r.times.some((t, i) => t.self >= minShare * (all[i] as Recording).busy));
  const usualOf = (t: PathTimes): number => t.usual as number;
  // Where the clock shows no time at all it is a nanosecond.
  const fastOf = (t: PathTimes): number => Math.max(1, t.fast as number);
  const hasSpread =
    known.length > 0 &&
    known.every((r) => r.times.every((t) => t.fast !== undefined && t.usual !== undefined && t.usual > 0));
  const logs = (cost: (t: PathTimes) => number, factor: readonly number[]): Float64Array[] =>
    rows.map((r) => Float64Array.from(r.times, (t, i) => Math.log(cost(t)) - (factor[i] as number)));
  const factor = drift(known, all.length, hasSpread ? usualOf : each);
  const perCall = logs(each, factor);
  const robust = (cost: (t: PathTimes) => number, by: readonly number[]): Float64Array[] =>
    hasSpread ? logs(cost, by).map((v) => withoutTails(v, b.length)) : [];
  const usual = robust(usualOf, factor);
  // A neighbour that slows the usual calls may leave the fastest ones alone.
  const fast = robust(fastOf, hasSpread ? drift(known, all.length, fastOf) : factor);
  const calls = rows.map((r) => Float64Array.from(r.times, (t) => Math.log(t.calls)));
  // All kinds in one family, each against its own noise.
  const steady = (kind: readonly Float64Array[]): Float64Array[] => kind.map((v) => withoutTails(v, b.length));
  const [p, q, u, f] = chances([steady(perCall), steady(calls), usual, fast], b.length) as [
    number[],
    number[],
    number[],
    number[],
  ];
  const times = (kind: readonly Float64Array[], k: number, chance: number): Measure =>
    measure(Array.from(kind[k] as Float64Array, Math.exp), na, chance);
  const paths = rows.map((r, k): PathDifference => {
    const one = times(perCall, k, p[k] as number);
    const better = hasSpread
      ? { usual: times(usual, k, u[k] as number), fast: times(fast, k, f[k] as number) }
      : undefined;
    const many = measure(
      r.times.map((t) => t.calls),
      na,
      q[k] as number,
    );
    const surest = [better?.usual, better?.fast].reduce<Measure>(
      (best, m) => (m !== undefined && m.chance < best.chance ? m : best),
      one,
    );
    return {
      path: r.path,
      name: r.path.split(SEPARATOR).at(-1) as string,
      perCall: one,
      ...better,
      calls: many,
      cost: surest.b * many.b - surest.a * many.a,
      significant: Math.min(surest.chance, many.chance) <= alpha,
    };
  });
  paths.sort((x, y) => Number(y.significant) - Number(x.significant) || Math.abs(y.cost) - Math.abs(x.cost));
  return {
    a: a.map((r) => r.title),
    b: b.map((r) => r.title),
    common: Math.exp(mean(factor.slice(na)) - mean(factor.slice(0, na))),
    alpha,
    resolution: resolution(na, b.length),
    paths,
    onlyA: only(a, b),
    onlyB: only(b, a),
  };
}
