// SPDX-License-Identifier: MIT
// A histogram with logarithmic buckets (16 to an octave, so at most 6.25 % wide): bounded memory whatever it is fed.

const SUB_BITS = 4;
const SUB = 1 << SUB_BITS;
/** Values from 2^44 (4.9 hours in ns) on share the last bucket. */
const MAX_EXPONENT = 44;
export const BUCKETS = (MAX_EXPONENT - SUB_BITS + 1) * SUB;

/** The bucket of a non-negative value: exact below 16. */
export function bucketOf(value: number): number {
  if (value < SUB) return value < 0 ? 0 : value | 0;
  if (value < 0x80000000) {
    const v = value | 0;
    const e = 31 - Math.clz32(v);
    return ((e - SUB_BITS) << SUB_BITS) + (v >>> (e - SUB_BITS));
  }
  const high = Math.floor(value / 0x8000000);
  const e = 31 - Math.clz32(high) + 27;
  if (e >= MAX_EXPONENT) return BUCKETS - 1;
  const shifted = Math.floor(value / 2 ** (e - SUB_BITS));
  return ((e - SUB_BITS) << SUB_BITS) + shifted;
}

/** The smallest value that falls into a bucket. */
export function bucketStart(bucket: number): number {
  if (bucket < 2 * SUB) return bucket;
  const e = (bucket >>> SUB_BITS) - 1;
  return (SUB + (bucket & (SUB - 1))) * 2 ** e;
}

export class Histogram {
  readonly counts = new Uint32Array(BUCKETS);
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;

  add(value: number): void {
    const b = bucketOf(value);
    this.counts[b] = (this.counts[b] as number) + 1;
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  merge(other: Histogram): void {
    for (let i = 0; i < BUCKETS; i++) this.counts[i] = (this.counts[i] as number) + (other.counts[i] as number);
    this.count += other.count;
    this.sum += other.sum;
    if (other.min < this.min) this.min = other.min;
    if (other.max > this.max) this.max = other.max;
  }

  copy(): Histogram {
    const h = new Histogram();
    h.merge(this);
    return h;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The value below which the share `p` (0 to 1) lies: a bucket's middle, never outside [min, max]. */
  percentile(p: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(p * this.count));
    if (rank >= this.count) return this.max;
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.counts[i] as number;
      if (seen >= rank) {
        const low = bucketStart(i);
        const high = i + 1 < BUCKETS ? bucketStart(i + 1) - 1 : this.max;
        return Math.min(this.max, Math.max(this.min, Math.floor((low + high) / 2)));
      }
    }
    return this.max;
  }

  /** The filled buckets, coarsened to powers of two: for drawing. */
  octaves(): { from: number; to: number; count: number }[] {
    const out: { from: number; to: number; count: number }[] = [];
    for (let i = 0; i < BUCKETS; i++) {
      const n = this.counts[i] as number;
      if (n === 0) continue;
      const start = bucketStart(i);
      const from = start === 0 ? 0 : 2 ** Math.floor(Math.log2(start));
      const last = out[out.length - 1];
      if (last !== undefined && last.from === from) last.count += n;
      else out.push({ from, to: from === 0 ? 1 : from * 2, count: n });
    }
    return out;
  }
}
