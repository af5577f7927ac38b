// SPDX-License-Identifier: MIT
// Which of many measured things differ between two groups of runs, with a bound on false alarms over all of them.
//
// A permutation test of the largest statistic (Westfall and Young): the labels A and B are dealt out anew in every possible
// way (or some thousands), and a difference counts when hardly any deal shows one as large anywhere. It assumes nothing of
// the noise but that it is the same for both groups, and needs no correction for the number of things looked at.

/** Numbers in [0, 1) from a seed: the same recordings give the same answer. */
export function random(seed: number): () => number {
  let x = seed | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 0x1_0000_0000;
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const k = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? (sorted[k] as number) : ((sorted[k - 1] as number) + (sorted[k] as number)) / 2;
}

/** Share of the runs at each end that count as the last one before them: on a crowded machine a run in three is far off. */
const TAILS = 0.25;

/**
 * The values without their extremes, for all kinds of noise with long tails. It does not look at who is A and who is B, so
 * dealing the labels out anew stays fair; and it leaves half of the smaller group, so two groups that differ stay apart.
 */
export function withoutTails(values: Float64Array, nb: number): Float64Array {
  const n = values.length;
  const k = Math.min(Math.floor(n * TAILS), Math.floor(Math.min(nb, n - nb) / 2));
  const sorted = values.slice().sort();
  const [low, high] = [sorted[k] as number, sorted[n - 1 - k] as number];
  return values.map((v) => Math.min(high, Math.max(low, v)));
}

function choose(n: number, k: number): number {
  let c = 1;
  for (let i = 1; i <= k; i++) c = (c * (n - k + i)) / i;
  return Math.round(c);
}

const DEALS = 4000;
/** The error of the steadiest paths: less than that is chance. A higher share would drown the steady paths in the others' noise. */
const FLOOR = 0.05;

/** All ways to pick `k` of `n` as group B, or DEALS of them drawn at random. The first is always the last `k`: the real one. */
export function deals(n: number, k: number): Uint8Array[] {
  const real = Uint8Array.from({ length: n }, (_, i) => (i >= n - k ? 1 : 0));
  const out: Uint8Array[] = [real];
  if (choose(n, k) <= DEALS) {
    const pick = (from: number, left: number, mask: Uint8Array): void => {
      if (left === 0) {
        if (mask.some((m, i) => m !== real[i])) out.push(mask.slice());
        return;
      }
      for (let i = from; i <= n - left; i++) {
        mask[i] = 1;
        pick(i + 1, left - 1, mask);
        mask[i] = 0;
      }
    };
    pick(0, k, new Uint8Array(n));
    return out;
  }
  const next = random(7);
  while (out.length < DEALS) {
    const mask = real.slice();
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [mask[i], mask[j]] = [mask[j] as number, mask[i] as number];
    }
    out.push(mask);
  }
  return out;
}

/** The smallest chance of a false alarm that groups of these sizes can show: 0.5 % needs 6 and 6. */
export function resolution(a: number, b: number): number {
  if (a < 2 || b < 2) return 1;
  return (a === b ? 2 : 1) / choose(a + b, a);
}

/** Difference of the means over its error, for one thing and one deal; `floor` keeps a chance zero spread from winning. */
function statistic(values: Float64Array, deal: Uint8Array, nb: number, floor: number): number {
  const n = values.length;
  const na = n - nb;
  let [sa, sb, qa, qb] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const v = values[i] as number;
    if (deal[i] === 1) {
      sb += v;
      qb += v * v;
    } else {
      sa += v;
      qa += v * v;
    }
  }
  const spread = Math.max(0, qa - (sa * sa) / na) + Math.max(0, qb - (sb * sb) / nb);
  const error = Math.sqrt((spread / (n - 2)) * (1 / na + 1 / nb));
  return (sb / nb - sa / na) / (error + floor);
}

/** The same for every deal, so that the deals stay comparable. */
function pooledError(values: Float64Array, nb: number): number {
  const n = values.length;
  let mean = 0;
  for (const v of values) mean += v / n;
  let spread = 0;
  for (const v of values) spread += (v - mean) ** 2;
  return Math.sqrt((spread / (n - 1)) * (1 / (n - nb) + 1 / nb));
}

/**
 * Chance that a difference as large as that of each row would be seen in any row of any kind if there were none.
 * @param kinds for each kind of measure its rows: one row a thing, one column a run, those of A first, then `nb` of B
 */
export function chances(kinds: readonly (readonly Float64Array[])[], nb: number): number[][] {
  const n = kinds.find((rows) => rows.length > 0)?.[0]?.length ?? 0;
  if (n - nb < 2 || nb < 2) return kinds.map((rows) => rows.map(() => 1));
  const all = deals(n, nb);
  const largest = new Float64Array(all.length);
  const floors = kinds.map((rows) => {
    const errors = rows.map((r) => pooledError(r, nb)).sort((x, y) => x - y);
    return Math.max(1e-9, errors[Math.floor(errors.length * FLOOR)] ?? 0);
  });
  kinds.forEach((rows, k) => {
    for (const row of rows) {
      all.forEach((deal, i) => {
        const s = Math.abs(statistic(row, deal, nb, floors[k] as number));
        if (s > (largest[i] as number)) largest[i] = s;
      });
    }
  });
  largest.sort();
  const share = (s: number): number => {
    let [low, high] = [0, largest.length];
    while (low < high) {
      const mid = (low + high) >> 1;
      if ((largest[mid] as number) < s) low = mid + 1;
      else high = mid;
    }
    return (largest.length - low) / largest.length;
  };
  const real = all[0] as Uint8Array;
  return kinds.map((rows, k) =>
    rows.map((row) => share(Math.abs(statistic(row, real, nb, floors[k] as number)) * (1 - 1e-9))),
  );
}

/** An interval for mean(B)/mean(A), by drawing the runs of both groups again and again. */
export function ratioInterval(a: readonly number[], b: readonly number[], level: number): [number, number] {
  const next = random(11);
  const draw = (v: readonly number[]): number => {
    let sum = 0;
    for (let i = 0; i < v.length; i++) sum += v[Math.floor(next() * v.length)] as number;
    return sum / v.length;
  };
  const ratios: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const below = draw(a);
    if (below > 0) ratios.push(draw(b) / below);
  }
  ratios.sort((x, y) => x - y);
  const at = (q: number): number => ratios[Math.min(ratios.length - 1, Math.floor(q * ratios.length))] ?? 1;
  return [at((1 - level) / 2), at(1 - (1 - level) / 2)];
}
