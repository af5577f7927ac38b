// SPDX-License-Identifier: MIT
// A histogram in a few numbers.

import type { Histogram } from '../model/index.js';

export interface Summary {
  count: number;
  mean: number;
  p50: number;
  p99: number;
  max: number;
}

export function summary(h: Histogram): Summary {
  return { count: h.count, mean: h.mean, p50: h.percentile(0.5), p99: h.percentile(0.99), max: h.max };
}

/** With the filled buckets in powers of two: {from, to, count}. */
export function withOctaves(h: Histogram) {
  return { ...summary(h), p999: h.percentile(0.999), histogram: h.octaves() };
}
