// SPDX-License-Identifier: MIT
// Values over time, in a few equal stretches of the recording.

import type { Counter, Nanoseconds } from '../model/index.js';

/** The most that a counter came to in each stretch; where nothing changed, what it was. */
export function series(counter: Counter | undefined, duration: Nanoseconds, bins: number): number[] {
  const out = new Array<number>(bins).fill(0);
  if (counter === undefined || duration <= 0) return out;
  let value = 0;
  let next = 0;
  for (let bin = 0; bin < bins; bin++) {
    const end = (duration * (bin + 1)) / bins;
    let most = value;
    while (next < counter.time.length && ((counter.time[next] as number) < end || bin === bins - 1)) {
      value = counter.value[next++] as number;
      if (value > most) most = value;
    }
    out[bin] = most;
  }
  return out;
}

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** One character a value, as high as its share of the largest; anything above 0 can be seen. */
export function spark(values: ArrayLike<number>): string {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] as number);
  let out = '';
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    out += BLOCKS[v <= 0 ? 0 : Math.max(1, Math.round((v / most) * 8))];
  }
  return out;
}

/** Fewer stretches: neighbours added up. */
export function coarser(values: ArrayLike<number>, bins: number): number[] {
  const out = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const k = Math.min(bins - 1, Math.floor((i * bins) / values.length));
    out[k] = (out[k] as number) + (values[i] as number);
  }
  return out;
}
