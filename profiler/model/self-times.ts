// SPDX-License-Identifier: MIT
// How the self times of a node's calls are spread: sixteen buckets to an octave, each with count and sum. A mean of the usual calls
// can then be had, which the few do not touch that the host's scheduler interrupted: a hundred microseconds in a function of one.
//
// Only buckets that hold something are kept, and a node that comes to more than MOST of them gets wider ones: some 20 bytes a
// bucket, a few hundred a node, 2.5 KB at most.

import type { Nanoseconds, NodeId } from './units.js';

const OCTAVES = 44;
/** Buckets of an octave, as a power of two. */
const FINE = 4;
const BUCKETS = OCTAVES << FINE;
/** Buckets of a node: eight octaves in full resolution. */
const MOST = 128;

/** Below 2^FINE a bucket is a nanosecond; the buckets of the octaves from there on follow. */
function bucketOf(ns: number): number {
  if (ns < 1 << FINE) return ns < 0 ? 0 : ns | 0;
  if (ns >= 0x80000000) return Math.min(BUCKETS - 1, Math.floor(Math.log2(ns) * (1 << FINE)));
  const e = 31 - Math.clz32(ns | 0);
  return (e << FINE) | (((ns | 0) >>> (e - FINE)) & ((1 << FINE) - 1));
}

/** One node's filled buckets, in order. */
class Buckets {
  private size = 0;
  /** Bucket k holds what bucketOf() puts into [k << shift, (k + 1) << shift). */
  private shift = 0;
  private latest = 0;
  private keys = new Uint16Array(4);
  private counts = new Float64Array(4);
  private sums = new Float64Array(4);

  /** @param bucket as of bucketOf() */
  add(bucket: number, count: number, sum: Nanoseconds): void {
    const key = bucket >> this.shift;
    // Calls of a path take about the same time: most fall where the one before did.
    if (this.keys[this.latest] === key && this.latest < this.size) {
      this.put(this.latest, count, sum);
      return;
    }
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    if (low === this.size || this.keys[low] !== key) {
      if (this.size === MOST) {
        this.coarsen();
        this.add(bucket, count, sum);
        return;
      }
      this.insert(low, key);
    }
    this.latest = low;
    this.put(low, count, sum);
  }

  private put(at: number, count: number, sum: Nanoseconds): void {
    this.counts[at] = (this.counts[at] as number) + count;
    this.sums[at] = (this.sums[at] as number) + sum;
  }

  merge(other: Buckets): void {
    while (this.shift < other.shift) this.coarsen();
    for (let i = 0; i < other.size; i++)
      this.add((other.keys[i] as number) << other.shift, other.counts[i] as number, other.sums[i] as number);
  }

  mean(from: number, to: number): Nanoseconds | undefined {
    const { counts, sums, size } = this;
    let all = 0;
    for (let i = 0; i < size; i++) all += counts[i] as number;
    const [low, high] = [from * all, to * all];
    let [seen, taken, sum] = [0, 0, 0];
    for (let i = 0; i < size; i++) {
      const n = counts[i] as number;
      const part = Math.min(seen + n, high) - Math.max(seen, low);
      if (part > 0) {
        taken += part;
        sum += ((sums[i] as number) / n) * part;
      }
      seen += n;
    }
    return taken > 0 ? sum / taken : undefined;
  }

  private insert(at: number, key: number): void {
    if (this.size === this.keys.length) {
      const wider = this.size * 2;
      const [keys, counts, sums] = [new Uint16Array(wider), new Float64Array(wider), new Float64Array(wider)];
      keys.set(this.keys);
      counts.set(this.counts);
      sums.set(this.sums);
      Object.assign(this, { keys, counts, sums });
    }
    for (const column of [this.keys, this.counts, this.sums]) column.copyWithin(at + 1, at, this.size);
    this.keys[at] = key;
    this.counts[at] = 0;
    this.sums[at] = 0;
    this.size++;
  }

  /** Buckets twice as wide. */
  private coarsen(): void {
    const { keys, counts, sums } = this;
    let n = 0;
    for (let i = 0; i < this.size; i++) {
      const key = (keys[i] as number) >> 1;
      if (n > 0 && keys[n - 1] === key) {
        counts[n - 1] = (counts[n - 1] as number) + (counts[i] as number);
        sums[n - 1] = (sums[n - 1] as number) + (sums[i] as number);
      } else {
        keys[n] = key;
        counts[n] = counts[i] as number;
        sums[n] = sums[i] as number;
        n++;
      }
    }
    this.size = n;
    this.shift++;
  }
}

export class SelfTimes {
  private readonly nodes: (Buckets | undefined)[] = [];

  add(node: NodeId, self: Nanoseconds): void {
    this.of(node).add(bucketOf(self), 1, self);
  }

  /** Adds what another node's calls took, of these or of others. */
  merge(node: NodeId, other: SelfTimes, from: NodeId): void {
    const more = other.nodes[from];
    if (more !== undefined) this.of(node).merge(more);
  }

  /** Mean self time of the calls between two shares (0 to 1) of them, the shortest first; undefined without calls. */
  mean(node: NodeId, from = 0, to = 1): Nanoseconds | undefined {
    return this.nodes[node]?.mean(from, to);
  }

  private of(node: NodeId): Buckets {
    const known = this.nodes[node];
    if (known !== undefined) return known;
    while (this.nodes.length < node) this.nodes.push(undefined);
    const made = new Buckets();
    this.nodes[node] = made;
    return made;
  }
}
