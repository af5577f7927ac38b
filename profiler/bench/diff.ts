// SPDX-License-Identifier: MIT
// `npm run bench:profiler -- --diff [--runs N]`: does `diff` find a function of a real driver that became 5 % slower, and is it
// quiet when nothing changed? Two builds of e1000e are recorded in turn; then groups of equal recordings, drawn from a pool, are
// compared a hundred times.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '../topics/load-profile.js';
import { compare, pathsOf, type Recording } from '../compare/index.js';
import { median, type Row } from './measure.js';
import { copyDriver, recordInTurn, SLOWED, slowDown } from './slow-driver.js';

const SHARE = 0.05;
const PAIRS = 100;
/** Recordings a side in the comparison of equal ones. */
const GROUP = 10;
/** Recordings that tell how long a usual call takes; the first one has cold caches. */
const REFERENCE = 6;
const WORKLOAD = ['tcp', '--bytes', '30000000'];

function read(dir: string): Recording[] {
  const files = readdirSync(dir).sort();
  return files.map((f) => pathsOf(loadProfile(join(dir, f), { timeline: false, selfTimes: true, only: [] })));
}

/** Where the function is called most, and what a usual call takes there, nanoseconds. */
function mainPath(r: Recording): { path: string; usual: number } {
  let best = { path: '', usual: 0, calls: 0 };
  for (const [path, t] of r.paths) {
    if (path.endsWith(` > ${SLOWED}`) && t.calls > best.calls) best = { path, usual: t.usual ?? 0, calls: t.calls };
  }
  return best;
}

/** The same draws every time (mulberry32: the low and the high bits of a linear congruence hang together). */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

export function diffBench(dir: string, runs: number, progress: (text: string) => void): Row[] {
  const copies = [copyDriver(join(dir, 'a')), copyDriver(join(dir, 'b'))] as const;
  const [a, b, first] = [join(dir, 'ra'), join(dir, 'rb'), join(dir, 'first')] as const;
  const how = { oneCpu: true, progress };
  slowDown(copies[0], 0);
  recordInTurn([copies[0]], [first], REFERENCE, WORKLOAD, how);
  const references = read(first).slice(1).map(mainPath);
  const before = references[0] as { path: string };
  const usual = median(references.map((r) => r.usual));
  slowDown(copies[1], usual * SHARE);
  recordInTurn(copies, [a, b], runs, WORKLOAD, how);
  progress('compare');
  const left = read(a);
  const found = compare(left, read(b));
  const place = found.paths.findIndex((p) => p.significant && p.name === SLOWED) + 1;
  const slowed = found.paths.find((p) => p.path === before.path);

  // Half of the pool was recorded before the other half: were the machine not taken out, equal would not be equal.
  recordInTurn([copies[0]], [join(dir, 'more')], runs, WORKLOAD, how);
  const pool = [...left, ...read(join(dir, 'more'))];
  let alarms = 0;
  for (let i = 0; i < PAIRS; i++) {
    const drawn = shuffled(pool, i + 1);
    const c = compare(drawn.slice(0, GROUP), drawn.slice(GROUP, 2 * GROUP));
    if (c.paths.some((p) => p.significant)) alarms++;
  }
  return [
    { name: `${SLOWED}, a usual call`, value: usual, unit: 'ns' },
    { name: 'with the delay, a fast call', value: ((slowed?.fast?.ratio ?? 1) - 1) * 100, unit: '%' },
    { name: 'recordings a side', value: runs, unit: '' },
    // 999: it is not among the paths that surely differ.
    { name: `place of ${SLOWED}`, value: place === 0 ? 999 : place, unit: '', atMost: 1 },
    { name: `false alarms in ${PAIRS} equal pairs`, value: alarms, unit: '', atMost: 1 },
  ];
}
