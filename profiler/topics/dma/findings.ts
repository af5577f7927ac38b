// SPDX-License-Identifier: MIT
// DMA rules: every mapping is unmapped once, with its own size and direction, none outlives the driver, and no call gets dearer
// with the number of mappings.

import type { Finding, Profile } from '../../model/index.js';
import { bindingStats } from '../binding/stats.js';
import type { Check } from '../contract.js';
import { evidence, functionAt, SHOWN, sourceOf } from '../evidence.js';
import { type DmaFault, type DmaFaultKind, type DmaMapping, dmaStats } from './stats.js';

const TEXT: Record<DmaFaultKind, { title: string; hint: string }> = {
  'unmap-without-map': {
    title: 'DMA address unmapped that was never mapped',
    hint: 'the address given to dma_unmap is not one that a dma_map returned; look for a stale or uninitialised ring entry',
  },
  'double-unmap': {
    title: 'DMA mapping unmapped twice',
    hint: 'clear the saved DMA address when unmapping; often an error path unmaps what the normal path has unmapped already',
  },
  'wrong-size': {
    title: 'DMA mapping unmapped with another size',
    hint: 'unmap with the size of the map; on an IOMMU or with bounce buffers the rest stays mapped or is not copied',
  },
  'wrong-direction': {
    title: 'DMA mapping unmapped with another direction',
    hint: 'unmap with the direction of the map; with bounce buffers or a non-coherent cache the data would not be copied',
  },
};

function describe(m: { address: number; size: number; direction: string }): string {
  return `0x${m.address.toString(16)}, ${m.size} bytes, ${m.direction}`;
}

function faultEvidence(profile: Profile, f: DmaFault) {
  const made =
    f.mapping === undefined ? '' : `; mapped as ${describe(f.mapping)} by ${functionAt(profile, f.mapping.node)}`;
  return evidence(profile, f.at, f.thread, f.node, `unmap of ${describe(f)}${made}`, f.code);
}

const dmaFaults: Check = (profile) => {
  const byPlace = new Map<string, DmaFault[]>();
  for (const f of profile.topics.get(dmaStats).faults) {
    const key = `${f.kind} ${functionAt(profile, f.node)} ${sourceOf(profile, f.node, f.code)}`;
    const list = byPlace.get(key);
    if (list === undefined) byPlace.set(key, [f]);
    else list.push(f);
  }
  return [...byPlace.values()].map((list): Finding => {
    const first = list[0] as DmaFault;
    return {
      kind: `dma-${first.kind}`,
      severity: 'error',
      title: `${TEXT[first.kind].title} in ${functionAt(profile, first.node)}`,
      hint: TEXT[first.kind].hint,
      count: list.length,
      evidence: list.slice(0, SHOWN).map((f) => faultEvidence(profile, f)),
    };
  });
};

/** Whether the driver let go of its device; older recordings tell it by the names of its functions only. */
function wasRemoved(profile: Profile): boolean {
  const { removed } = profile.topics.get(bindingStats);
  if (removed !== null) return removed;
  const names = /_remove(_one)?$|^pci_unregister_driver$|^unregister_netdev$/;
  const { stats } = profile;
  return profile.frames.list.some((f) => names.test(f.name) && (stats.calls[f.id] as number) > 0);
}

const dmaLeaks: Check = (profile) => {
  const { live } = profile.topics.get(dmaStats);
  if (live.length === 0 || !wasRemoved(profile) || profile.accounting.lost > 0 || !profile.meta.complete) return [];
  const byPlace = new Map<string, DmaMapping[]>();
  for (const m of live) {
    const name = `${functionAt(profile, m.node)} (${sourceOf(profile, m.node, m.code) ?? '?'})`;
    const list = byPlace.get(name);
    if (list === undefined) byPlace.set(name, [m]);
    else list.push(m);
  }
  return [...byPlace].map(([name, list]): Finding => {
    const bytes = list.reduce((sum, m) => sum + m.size, 0);
    return {
      kind: 'dma-leak',
      severity: 'error',
      title: `${list.length} DMA mappings (${bytes} bytes) made in ${name} were never unmapped, though the driver was removed`,
      hint: 'unmap in the remove or close path what the ring still holds; the device could go on writing to freed memory',
      count: list.length,
      evidence: list.slice(0, SHOWN).map((m) => evidence(profile, m.at, 0, m.node, `mapped ${describe(m)}`, m.code)),
    };
  });
};

/** Calls in a bin for its typical cost to count. */
const ENOUGH = 50;
/** Times of whole calls are noisier than those of one look-up. */
const CALL_FACTOR = 4;
const CALL_LEAST_NS = 200;
/** The caches alone make a call dearer from few mappings to many: look at this many times as many. */
const SPAN = 8;

const dmaCallGrowth: Check = (profile) =>
  profile.topics.get(dmaStats).costs.flatMap((c) => {
    const bins = c.byLive
      .map((h, k) => ({ live: 2 ** k, count: h.count, typical: h.count === 0 ? 0 : h.percentile(0.5) }))
      .filter((b) => b.count >= ENOUGH);
    const last = bins.at(-1);
    if (last === undefined) return [];
    const first = bins[0] as (typeof bins)[number];
    if (last.live < first.live * SPAN) return [];
    if (last.typical < first.typical * CALL_FACTOR || last.typical - first.typical < CALL_LEAST_NS) return [];
    if (!bins.every((b, i) => i === 0 || b.typical > (bins[i - 1]?.typical ?? 0) * 0.9)) return [];
    return [
      {
        kind: 'api-growth',
        severity: 'warning' as const,
        title:
          `${c.name} gets slower with the number of live DMA mappings: ${first.typical.toFixed(0)} ns at ${first.live}, ` +
          `${last.typical.toFixed(0)} ns at ${last.live}`,
        hint: 'something that the call does looks through all mappings; it should find its own by address, in constant time',
        count: bins.reduce((sum, b) => sum + b.count, 0),
        evidence: [evidence(profile, c.at, c.thread, c.node, `the dearest call took ${c.worst} ns`, c.code)],
      },
    ];
  });

export const dmaChecks: readonly Check[] = [dmaFaults, dmaLeaks, dmaCallGrowth];
