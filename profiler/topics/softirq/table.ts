// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, duration, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { matching } from '../matching.js';
import { softirqStats } from './stats.js';

function softirqData(profile: Profile) {
  return profile.topics.get(softirqStats).map((s) => ({
    name: s.name,
    raised: s.raised,
    runs: s.runs,
    total: s.total,
    duration: summary(s.duration),
    latency: summary(s.latency),
    latencyHistogram: s.latency.octaves(),
    pending: s.pending,
  }));
}

function tableOf(profile: Profile, match?: (name: string) => boolean): Table {
  return {
    title: 'Softirqs',
    columns: [
      { head: 'softirq', left: true },
      { head: 'raised' },
      { head: 'runs' },
      { head: 'total' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'max' },
      { head: 'wait p50' },
      { head: 'p99' },
    ],
    rows: matching(softirqData(profile), match).map((s) => [
      s.name,
      count(s.raised),
      count(s.runs),
      duration(s.total),
      duration(s.duration.p50),
      duration(s.duration.p99),
      duration(s.duration.max),
      s.latency.count > 0 ? duration(s.latency.p50) : '-',
      s.latency.count > 0 ? duration(s.latency.p99) : '-',
    ]),
    notes: [
      ...(profile.topics.get(softirqStats).length > 0 ? ['wait: from raise to run'] : []),
      ...softirqData(profile)
        .filter((s) => s.pending)
        .map((s) => `${s.name} was raised and had not run at the end`),
    ],
  };
}

export const softirqTable: TopicTable = {
  name: 'softirq',
  summary: true,
  showsAll: true,
  data: softirqData,
  tables: (profile, _, { match }) => [tableOf(profile, match)],
};
