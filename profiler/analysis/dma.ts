// SPDX-License-Identifier: MIT
// DMA rules: every mapping is unmapped once, with its own size and direction, and none outlives the driver.

import type { DmaFault, DmaFaultKind, DmaMapping, Profile } from '../model/index.js';
import { type Check, evidence, type Finding, SHOWN, sourceOf } from './finding.js';

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
  'map-overlap': {
    title: 'DMA mapping made over a live one',
    hint: 'two mappings share memory while the device may write to it',
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

/** The innermost driver function of a stack. */
export function functionAt(profile: Profile, node: number): string {
  const stack = profile.tree.stack(node).map((f) => profile.frames.get(f));
  const driver = stack.findLast((f) => f.kind === 'driver') ?? stack[stack.length - 1];
  return driver?.name ?? '?';
}

export const dmaFaults: Check = (profile) => {
  const byPlace = new Map<string, DmaFault[]>();
  for (const f of profile.domain.dma.faults) {
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
  if (profile.domain.removed !== null) return profile.domain.removed;
  const names = /_remove(_one)?$|^pci_unregister_driver$|^unregister_netdev$/;
  const { stats } = profile;
  return profile.frames.list.some((f) => names.test(f.name) && (stats.calls[f.id] as number) > 0);
}

export const dmaLeaks: Check = (profile) => {
  const { live } = profile.domain.dma;
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
