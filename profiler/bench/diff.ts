// SPDX-License-Identifier: MIT
// `npm run bench:profiler -- --diff [--runs N]`: does `diff` find a function of a real driver that became 5 % slower, and is it
// quiet when nothing changed? Two builds of e1000e are recorded in turn; then groups of equal recordings, drawn from a pool, are
// compared a hundred times.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '../aggregate/index.js';
import { compare, pathsOf, type Recording } from '../diff/index.js';
import type { Row } from './measure.js';
import { copyDriver, recordInTurn, SLOWED, slowDown } from './slow-driver.js';

const SHARE = 0.05;
const PAIRS = 100;
/** Recordings a side in the comparison of equal ones. */
const GROUP = 10;
const WORKLOAD = ['tcp', '--bytes', '150000000'];

function read(dir: string): Recording[] {
  const files = readdirSync(dir).sort();
  return files.map((f) => pathsOf(loadProfile(join(dir, f), { timeline: false, spread: true })));
}

/** Where the function is called most, and what a usual call takes there, nanoseconds. */
function mainPath(r: Recording): { path: string; usual: number } {
  let best = { path: '', usual: 0, calls: 0 };
  for (const [path, t] of r.paths) {
    if (path.endsWith(` > ${SLOWED}`) && t.calls > best.calls) best = { path, usual: t.usual ?? 0, calls: t.calls };
  }
  return best;
}

/** The same draws every time. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  let x = seed * 2654435761 + 12345;
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((x / 2 ** 32) * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

export function diffBench(dir: string, runs: number, progress: (text: string) => void): Row[] {
  progress('build');
  const copies = [copyDriver(join(dir, 'a')), copyDriver(join(dir, 'b'))] as const;
  const [a, b, first] = [join(dir, 'ra'), join(dir, 'rb'), join(dir, 'first')] as const;
  recordInTurn([copies[0]], [first], 2, WORKLOAD, progress);
  const before = mainPath(read(first)[1] as Recording);
  slowDown(copies[1], before.usual * SHARE);
  recordInTurn(copies, [a, b], runs, WORKLOAD, progress);
  progress('compare');
  const left = read(a);
  const found = compare(left, read(b));
  const place = found.paths.findIndex((p) => p.significant && p.name === SLOWED) + 1;
  const slowed = found.paths.find((p) => p.path === before.path);

  // Half of the pool was recorded before the other half: were the machine not taken out, equal would not be equal.
  recordInTurn([copies[0]], [join(dir, 'more')], runs, WORKLOAD, progress);
  const pool = [...left, ...read(join(dir, 'more'))];
  let alarms = 0;
  for (let i = 0; i < PAIRS; i++) {
    const drawn = shuffled(pool, i + 1);
    const c = compare(drawn.slice(0, GROUP), drawn.slice(GROUP, 2 * GROUP));
    if (c.paths.some((p) => p.significant)) alarms++;
  }
  return [
    { name: `${SLOWED}, a usual call`, value: before.usual, unit: 'ns' },
    { name: 'with the delay, a fast call', value: ((slowed?.fast?.ratio ?? 1) - 1) * 100, unit: '%' },
    { name: 'recordings a side', value: runs, unit: '' },
    // 999: it is not among the paths that surely differ.
    { name: `place of ${SLOWED}`, value: place === 0 ? 999 : place, unit: '', atMost: 1 },
    { name: `false alarms in ${PAIRS} equal pairs`, value: alarms, unit: '', atMost: 1 },
  ];
}
