// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, duration, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { timerStats } from './stats.js';

function timerData(profile: Profile) {
  return profile.topics.get(timerStats).map((t) => ({ ...t, delay: summary(t.delay), duration: summary(t.duration) }));
}

function tableOf(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = timerData(profile).filter((t) => match?.(t.name) ?? true);
  return {
    title: 'Timers',
    columns: [
      { head: 'function', left: true },
      { head: 'kind', left: true },
      { head: 'armed' },
      { head: 'moved' },
      { head: 'cancelled' },
      { head: 'expired' },
      { head: 'pending' },
      { head: 'after p50' },
      { head: 'max' },
      { head: 'ran' },
      { head: 'p50' },
      { head: 'max' },
    ],
    rows: all
      .slice(0, top)
      .map((t) => [
        t.name,
        t.kind,
        count(t.started),
        count(t.moved),
        count(t.cancelled),
        count(t.expired),
        count(t.pending),
        t.delay.count > 0 ? duration(t.delay.p50) : '-',
        t.delay.count > 0 ? duration(t.delay.max) : '-',
        duration(t.total),
        t.duration.count > 0 ? duration(t.duration.p50) : '-',
        t.duration.count > 0 ? duration(t.duration.max) : '-',
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}

export const timerTable: TopicTable = {
  name: 'timers',
  data: timerData,
  tables: (profile, top, { match }) => [tableOf(profile, top, match)],
};
