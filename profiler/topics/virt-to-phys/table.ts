// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, duration, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { matching } from '../matching.js';
import { virtToPhysStats } from './stats.js';

function virtToPhysData(profile: Profile) {
  const v = profile.topics.get(virtToPhysStats);
  return {
    calls: v.calls,
    total: v.total,
    cost: summary(v.cost),
    byLiveMappings: v.byLive
      .map((b, k) => ({ from: k === 0 ? 0 : 2 ** k, calls: b.count, total: b.sum }))
      .filter((b) => b.calls > 0),
    callers: [...v.callers]
      .map(([name, { calls, total }]) => ({ name, calls, total }))
      .sort((a, b) => b.total - a.total || b.calls - a.calls),
  };
}

function virtToPhysTables(profile: Profile, top: number, match?: (name: string) => boolean): Table[] {
  const data = virtToPhysData(profile);
  const tables: Table[] = [
    {
      title: 'virt_to_phys by caller',
      columns: [{ head: 'caller', left: true }, { head: 'calls' }, { head: 'total' }, { head: 'mean' }],
      rows: matching(data.callers, match)
        .slice(0, top)
        .map((c) => [c.name, count(c.calls), duration(c.total), duration(c.total / Math.max(1, c.calls))]),
      notes:
        data.calls === 0
          ? []
          : [
              `${count(data.calls)} calls, ${duration(data.total)}; p50 ${duration(data.cost.p50)}, p99 ${duration(data.cost.p99)}, max ${duration(data.cost.max)}`,
            ],
    },
    {
      title: 'virt_to_phys by live DMA mappings',
      columns: [{ head: 'mappings from', left: true }, { head: 'calls' }, { head: 'mean' }],
      rows: data.byLiveMappings.map((b) => [count(b.from), count(b.calls), duration(b.total / b.calls)]),
    },
  ];
  // A constant offset costs nothing that could be measured.
  return data.total === 0 ? tables.slice(0, 1) : tables;
}

export const virtToPhysTable: TopicTable = {
  name: 'virt_to_phys',
  summary: true,
  data: virtToPhysData,
  tables: (profile, top, { match }) => virtToPhysTables(profile, top, match),
};
