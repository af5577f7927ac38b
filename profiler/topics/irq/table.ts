// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, duration, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { matching } from '../matching.js';
import { irqStats } from './stats.js';

function irqData(profile: Profile) {
  return profile.topics.get(irqStats).map((i) => ({
    irq: i.irq,
    name: i.name,
    count: i.count,
    handled: i.handled,
    unhandled: i.unhandled,
    total: i.total,
    duration: summary(i.duration),
    latency: summary(i.latency),
    latencyHistogram: i.latency.octaves(),
    maxPerMs: i.maxPerMs,
    masked: i.masked,
  }));
}

function tableOf(profile: Profile, match?: (name: string) => boolean): Table {
  return {
    title: 'Interrupts',
    columns: [
      { head: 'irq' },
      { head: 'handler', left: true },
      { head: 'count' },
      { head: 'total' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'wait p50' },
      { head: 'p99' },
      { head: 'max/ms' },
      { head: 'unclaimed' },
    ],
    rows: matching(irqData(profile), match).map((i) => [
      String(i.irq),
      i.name,
      count(i.count),
      duration(i.total),
      duration(i.duration.p50),
      duration(i.duration.p99),
      i.latency.count > 0 ? duration(i.latency.p50) : '-',
      i.latency.count > 0 ? duration(i.latency.p99) : '-',
      count(i.maxPerMs),
      count(i.unhandled),
    ]),
    notes: profile.topics.get(irqStats).length > 0 ? ['wait: from the signal on the host to the handler'] : [],
  };
}

export const irqTable: TopicTable = {
  name: 'irq',
  summary: true,
  showsAll: true,
  data: irqData,
  tables: (profile, _, { match }) => [tableOf(profile, match)],
};
