// SPDX-License-Identifier: MIT
// One recording, reduced to what a comparison needs: each call path with its calls and times.

import { type Nanoseconds, type Profile, SelfTimes } from '../model/index.js';

export interface PathTimes {
  calls: number;
  self: Nanoseconds;
  total: Nanoseconds;
  /** Mean self time of the faster three quarters of the calls, when the profile tells how they are spread. */
  usual?: Nanoseconds;
  /** Mean self time of the fastest calls, but for the very fastest: what the code takes when nothing comes in its way. */
  fast?: Nanoseconds;
}

/** The slowest calls are those in which the host ran something else, or a cache was cold: they vary from run to run. */
const USUAL = 0.75;
/**
 * On a busy machine nearly all calls are slowed by neighbours; the fastest of them vary least between equal runs: a fiftieth, more where
 * that would be fewer than a dozen calls, and never more than a tenth. The very fastest tenth of these tells of luck.
 */
const FASTEST = { least: 0.02, most: 0.1, calls: 12, leftOut: 0.1 } as const;

function fastest(calls: number): readonly [from: number, to: number] {
  const to = Math.min(FASTEST.most, Math.max(FASTEST.least, FASTEST.calls / calls));
  return [to * FASTEST.leftOut, to];
}

export interface Recording {
  readonly title: string;
  readonly busy: Nanoseconds;
  /** By path: the names of its frames, outermost first, joined by SEPARATOR. */
  readonly paths: ReadonlyMap<string, PathTimes>;
}

export const SEPARATOR = ' > ';

/** Which of the alike workers ran something is chance. */
function threadName(name: string): string {
  return name.replace(/^(kworker|ksoftirqd|irq)\/.*$/, '$1');
}

export function pathsOf(profile: Profile): Recording {
  const { tree, frames } = profile;
  const paths = new Map<string, PathTimes>();
  const names: string[] = [''];
  const skip: boolean[] = [false];
  const selfTimes = new SelfTimes();
  const numbers = new Map<string, number>();
  // Parents come before their children.
  for (let n = 1; n < tree.size; n++) {
    const parent = tree.parent[n] as number;
    const frame = frames.get(tree.frame[n] as number);
    const off = skip[parent] === true || frame.kind === 'blocked' || frame.kind === 'gap';
    const name = frame.kind === 'thread' ? threadName(frame.name) : frame.name;
    const path = parent === 0 ? name : `${names[parent]}${SEPARATOR}${name}`;
    names.push(path);
    skip.push(off);
    if (off || frame.kind === 'thread') continue;
    if (profile.selfTimes !== undefined) {
      const number = numbers.get(path) ?? numbers.size;
      numbers.set(path, number);
      selfTimes.merge(number, profile.selfTimes, n);
    }
    const known = paths.get(path);
    const [calls, self, total] = [tree.calls[n] as number, tree.self[n] as number, tree.total[n] as number];
    if (known === undefined) paths.set(path, { calls, self, total });
    else {
      known.calls += calls;
      known.self += self;
      known.total += total;
    }
  }
  for (const [path, number] of numbers) {
    const usual = selfTimes.mean(number, 0, USUAL);
    const times = paths.get(path);
    const fast = selfTimes.mean(number, ...fastest(times?.calls ?? 1));
    if (usual !== undefined && fast !== undefined && times !== undefined) Object.assign(times, { usual, fast });
  }
  return { title: profile.meta.title, busy: profile.busy, paths };
}
