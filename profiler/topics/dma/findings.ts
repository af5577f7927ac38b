// SPDX-License-Identifier: MIT
// DMA rules: every mapping is unmapped once, with its own size and direction, none outlives the driver, and no call gets dearer
// with the number of mappings.

import type { Finding, Incident, Profile } from '../../model/index.js';
import { after, bindingStats } from '../binding/stats.js';
import type { ResultRule } from '../contract.js';
import { DMA_LEFT } from '../leaks/collect.js';
import { evidence, functionAt, SHOWN, sourceOf } from '../evidence.js';
import { growth } from '../growth.js';
import { type DmaFault, type DmaFaultKind, type DmaPlace, dmaStats } from './stats.js';

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
  'sync-after-unmap': {
    title: 'DMA memory synced after its mapping had ended',
    hint: 'sync before dma_unmap: afterwards the address may belong to another mapping, or to none',
  },
  'sync-beyond': {
    title: 'DMA sync reaches beyond its mapping',
    hint: 'sync at most what was mapped: offset and size of dma_sync must lie inside the size of the dma_map',
  },
};

export const dmaKinds: readonly string[] = [
  ...Object.keys(TEXT).map((kind) => `dma-${kind}`),
  'dma-leak',
  'api-growth',
];

function describe(m: { address: number; size: number; direction: string }): string {
  return `0x${m.address.toString(16)}, ${m.size} bytes, ${m.direction}`;
}

function faultEvidence(profile: Profile, f: DmaFault) {
  const made =
    f.mapping === undefined ? '' : `; mapped as ${describe(f.mapping)} by ${functionAt(profile, f.mapping.node)}`;
  return evidence(
    profile,
    f.at,
    f.thread,
    f.node,
    `${f.kind.startsWith('sync') ? 'sync' : 'unmap'} of ${describe(f)}${made}`,
    f.code,
  );
}

/** Places that a reader would call one: the same key. */
function together<T>(places: readonly DmaPlace<T>[], keyOf: (example: T) => string): Map<string, DmaPlace<T>> {
  const groups = new Map<string, DmaPlace<T>>();
  for (const { count, bytes, examples } of places) {
    const key = keyOf(examples[0] as T);
    const group = groups.get(key) ?? { count: 0, bytes: 0, examples: [] };
    group.count += count;
    group.bytes += bytes;
    group.examples.push(...examples.slice(0, SHOWN - group.examples.length));
    groups.set(key, group);
  }
  return groups;
}

const dmaFaults: ResultRule = (profile) => {
  const { faults } = profile.topics.get(dmaStats);
  const places = together(
    faults,
    (f) => `${f.kind} ${functionAt(profile, f.node)} ${sourceOf(profile, f.node, f.code)}`,
  );
  return [...places.values()].map(({ count, examples }): Finding => {
    const first = examples[0] as DmaFault;
    return {
      kind: `dma-${first.kind}`,
      severity: 'error',
      title: `${TEXT[first.kind].title} in ${functionAt(profile, first.node)}`,
      hint: TEXT[first.kind].hint,
      count,
      evidence: examples.map((f) => faultEvidence(profile, f)),
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

const LEAK_HINT =
  'unmap in the remove or close path what the ring still holds; the device could go on writing to freed memory';

/** What the runtime counted itself: known also when events were lost or the category was off. */
function countedLeaks(profile: Profile): Finding[] {
  const groups = new Map<string, Incident[]>();
  for (const one of profile.incidents) {
    if (one.kind !== DMA_LEFT) continue;
    const source = sourceOf(profile, one.node, one.code ?? 0) ?? '?';
    groups.set(source, [...(groups.get(source) ?? []), one]);
  }
  const least = profile.accounting.lost > 0 ? 'at least ' : '';
  return [...groups].map(([source, list]): Finding => {
    const bytes = list.reduce((sum, { data }) => sum + Number(data['size']), 0);
    const shown = list.slice(0, SHOWN).map((one) => {
      const text = `mapped 0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes`;
      return evidence(profile, one.at, one.thread, one.node, text, one.code);
    });
    return {
      kind: 'dma-leak',
      severity: 'error',
      title: `${least}${list.length} DMA mappings (${bytes} bytes) made at ${source} were never unmapped, ${after(list[0]?.data['ending'])}`,
      hint: LEAK_HINT,
      count: list.length,
      evidence: shown,
    };
  });
}

const dmaLeaks: ResultRule = (profile) => {
  const { live } = profile.topics.get(dmaStats);
  if (live.length === 0 || !wasRemoved(profile) || profile.accounting.lost > 0 || !profile.meta.complete)
    return countedLeaks(profile);
  const places = together(live, (m) => `${functionAt(profile, m.node)} (${sourceOf(profile, m.node, m.code) ?? '?'})`);
  return [...places].map(
    ([name, { count, bytes, examples }]): Finding => ({
      kind: 'dma-leak',
      severity: 'error',
      title: `${count} DMA mappings (${bytes} bytes) made in ${name} were never unmapped, ${after(profile.topics.get(bindingStats).ending)}`,
      hint: LEAK_HINT,
      count,
      evidence: examples.map((m) => evidence(profile, m.at, 0, m.node, `mapped ${describe(m)}`, m.code)),
    }),
  );
};

/**
 * Times of whole calls are noisier than those of one look-up; and the caches alone make a call dearer from few mappings to many: look at
 * eight times as many.
 */
const CALL_LIMITS = { span: 8, factor: 4, least: 200 };

const dmaCallGrowth: ResultRule = (profile) =>
  profile.topics.get(dmaStats).costs.flatMap((c) => {
    const found = growth(c.name, c.byLive, CALL_LIMITS);
    if (found === undefined) return [];
    return [
      {
        kind: 'api-growth',
        severity: 'warning' as const,
        title: found.title,
        hint: 'something that the call does looks through all mappings; it should find its own by address, in constant time',
        count: found.calls,
        evidence: [evidence(profile, c.at, c.thread, c.node, `the slowest call took ${c.worst} ns`, c.code)],
      },
    ];
  });

export const dmaResultRules: readonly ResultRule[] = [dmaFaults, dmaLeaks, dmaCallGrowth];
