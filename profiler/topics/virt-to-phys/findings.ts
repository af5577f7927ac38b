// SPDX-License-Identifier: MIT
// virt_to_phys must cost the same however many mappings there are. The paper found its linear list this way.

import type { ResultRule } from '../contract.js';
import { evidence } from '../evidence.js';
import { virtToPhysStats } from './stats.js';

/** Calls in a bin for its typical cost to count. */
const ENOUGH = 50;
/** Typical costs this far apart, in time and in factor, are no noise. */
const FACTOR = 2;
const LEAST_NS = 50;

export const virtToPhysGrowth: ResultRule = (profile) => {
  const virtToPhys = profile.topics.get(virtToPhysStats);
  const bins = virtToPhys.byLive
    // Not the mean: the host takes the processor away in the midst of one call of some dozens, for a thousand times as long.
    .map((b, k) => ({ live: 2 ** k, calls: b.count, typical: b.percentile(0.5) }))
    .filter((b) => b.calls >= ENOUGH);
  const first = bins[0];
  const last = bins[bins.length - 1];
  if (first === undefined || last === undefined || last.live < first.live * 2) return [];
  if (last.typical < first.typical * FACTOR || last.typical - first.typical < LEAST_NS) return [];
  const rising = bins.every((b, i) => i === 0 || b.typical > (bins[i - 1]?.typical ?? 0) * 0.9);
  if (!rising) return [];
  const top = [...virtToPhys.callers].sort((a, b) => b[1].total - a[1].total).slice(0, 3);
  return [
    {
      kind: 'virt-to-phys-growth',
      severity: 'warning',
      title:
        `virt_to_phys gets slower with the number of live DMA mappings: ${first.typical.toFixed(0)} ns at ${first.live}, ` +
        `${last.typical.toFixed(0)} ns at ${last.live}`,
      hint: 'the look-up walks a list; make it a constant offset (or a page table), as DMA memory is one arena',
      count: virtToPhys.calls,
      evidence: top.map(([name, c]) =>
        evidence(
          profile,
          c.at,
          c.thread,
          c.node,
          `${name}: ${c.calls} calls, ${(c.total / 1e6).toFixed(2)} ms in all; this one took ${c.worst} ns`,
          c.code,
        ),
      ),
    },
  ];
};
