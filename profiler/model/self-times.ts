// SPDX-License-Identifier: MIT
// How the self times of a node's calls are spread: sixteen buckets to an octave, each with count and sum. A mean of the usual calls
// can then be had, which the few do not touch that the host's scheduler interrupted: a hundred microseconds in a function of one.

import type { Nanoseconds, NodeId } from './units.js';

const OCTAVES = 44;
/** Buckets of an octave, as a power of two. */
const FINE = 4;
const BUCKETS = OCTAVES << FINE;

/** Below 2^FINE a bucket is a nanosecond; the buckets of the octaves from there on follow. */
function bucketOf(ns: number): number {
  if (ns < 1 << FINE) return ns < 0 ? 0 : ns | 0;
  if (ns >= 0x80000000) return Math.min(BUCKETS - 1, Math.floor(Math.log2(ns) * (1 << FINE)));
  const e = 31 - Math.clz32(ns | 0);
  return (e << FINE) | (((ns | 0) >>> (e - FINE)) & ((1 << FINE) - 1));
}

export class SelfTimes {
  private readonly counts: (Float64Array | undefined)[] = [];
  private readonly sums: (Float64Array | undefined)[] = [];

  add(node: NodeId, self: Nanoseconds): void {
    let counts = this.counts[node];
    let sums = this.sums[node];
    if (counts === undefined || sums === undefined) {
      while (this.counts.length < node) {
        this.counts.push(undefined);
        this.sums.push(undefined);
      }
      counts = this.counts[node] = new Float64Array(BUCKETS);
      sums = this.sums[node] = new Float64Array(BUCKETS);
    }
    const b = bucketOf(self);
    counts[b] = (counts[b] as number) + 1;
    sums[b] = (sums[b] as number) + self;
  }

  /** Adds what another node's calls took, of these or of others. */
  merge(node: NodeId, other: SelfTimes, from: NodeId): void {
    const [counts, sums] = [other.counts[from], other.sums[from]];
    if (counts === undefined || sums === undefined) return;
    if (this.counts[node] === undefined) {
      while (this.counts.length < node) {
        this.counts.push(undefined);
        this.sums.push(undefined);
      }
      this.counts[node] = counts.slice();
      this.sums[node] = sums.slice();
      return;
    }
    const [c, s] = [this.counts[node] as Float64Array, this.sums[node] as Float64Array];
    for (let b = 0; b < BUCKETS; b++) {
      c[b] = (c[b] as number) + (counts[b] as number);
      s[b] = (s[b] as number) + (sums[b] as number);
    }
  }

  /** Mean self time of the calls between two shares (0 to 1) of them, the shortest first; undefined without calls. */
  mean(node: NodeId, from = 0, to = 1): Nanoseconds | undefined {
    const [counts, sums] = [this.counts[node], this.sums[node]];
    if (counts === undefined || sums === undefined) return undefined;
    const all = counts.reduce((n, c) => n + c, 0);
    const [low, high] = [from * all, to * all];
    let [seen, taken, sum] = [0, 0, 0];
    for (let b = 0; b < BUCKETS; b++) {
      const n = counts[b] as number;
      const part = Math.min(seen + n, high) - Math.max(seen, low);
      if (part > 0) {
        taken += part;
        sum += ((sums[b] as number) / n) * part;
      }
      seen += n;
    }
    return taken > 0 ? sum / taken : undefined;
  }
}
