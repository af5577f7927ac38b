// SPDX-License-Identifier: MIT
// virt_to_phys must cost the same however many mappings there are. The paper found its linear list this way.

import type { ResultRule } from '../contract.js';
import { evidence } from '../evidence.js';
import { growth } from '../growth.js';
import { virtToPhysStats } from './stats.js';

const LIMITS = { span: 2, factor: 2, least: 50 };

export const virtToPhysGrowth: ResultRule = (profile) => {
  const virtToPhys = profile.topics.get(virtToPhysStats);
  const found = growth('virt_to_phys', virtToPhys.byLive, LIMITS);
  if (found === undefined) return [];
  const top = [...virtToPhys.callers].sort((a, b) => b[1].total - a[1].total).slice(0, 3);
  return [
    {
      kind: 'virt-to-phys-growth',
      severity: 'warning',
      title: found.title,
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
