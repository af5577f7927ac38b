// SPDX-License-Identifier: MIT
// What gets slower with the number of live DMA mappings looks through all of them. The paper found its linear list this way.

import type { Histogram, Nanoseconds } from '../model/index.js';

/** Calls with about as many mappings alive for their typical cost to count. */
const ENOUGH = 50;

/** Typical costs this far apart are no noise. */
export interface GrowthLimits {
  /** From so many mappings to this many times as many. */
  readonly span: number;
  readonly factor: number;
  readonly least: Nanoseconds;
}

/** @param byLive costs of calls; index k: with 2^k to 2^(k+1)-1 mappings alive. Returns the title of a finding, if it is one. */
export function growth(
  name: string,
  byLive: readonly Histogram[],
  { span, factor, least }: GrowthLimits,
): { readonly title: string; readonly calls: number } | undefined {
  const bins = byLive
    .map((costs, k) => ({ live: 2 ** k, costs }))
    .filter(({ costs }) => costs.count >= ENOUGH)
    // Not the mean: the host takes the processor away in the midst of one call of some dozens, for a thousand times as long.
    .map(({ live, costs }) => ({ live, calls: costs.count, typical: costs.percentile(0.5) }));
  const [first, last] = [bins[0], bins.at(-1)];
  if (first === undefined || last === undefined || last.live < first.live * span) return undefined;
  if (last.typical < first.typical * factor || last.typical - first.typical < least) return undefined;
  if (!bins.every((b, i) => i === 0 || b.typical > (bins[i - 1]?.typical ?? 0) * 0.9)) return undefined;
  const at = ({ live, typical }: (typeof bins)[number]): string => `${typical.toFixed(0)} ns at ${live}`;
  return {
    title: `${name} gets slower with the number of live DMA mappings: ${at(first)}, ${at(last)}`,
    calls: bins.reduce((sum, b) => sum + b.calls, 0),
  };
}
