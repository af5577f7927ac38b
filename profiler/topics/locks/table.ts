// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, duration, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { lockStats } from './stats.js';

function lockData(profile: Profile) {
  return profile.topics.get(lockStats).map((l) => ({
    name: l.function,
    address: l.address,
    taken: l.taken,
    refused: l.refused,
    contended: l.contended,
    contention: summary(l.contention),
    wait: summary(l.waitTime),
    hold: { total: l.holdTime.sum, ...summary(l.holdTime) },
  }));
}

function tableOf(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = lockData(profile).filter((l) => match?.(l.name) ?? true);
  return {
    title: 'Locks',
    columns: [
      { head: 'taken by', left: true },
      { head: 'lock', left: true },
      { head: 'taken' },
      { head: 'refused' },
      { head: 'contended' },
      { head: 'wait p50' },
      { head: 'max' },
      { head: 'held' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'max' },
    ],
    rows: all
      .slice(0, top)
      .map((l) => [
        l.name,
        l.address === 0 ? 'rtnl' : `0x${l.address.toString(16)}`,
        count(l.taken),
        count(l.refused),
        count(l.contended),
        duration(l.wait.p50),
        duration(l.wait.max),
        duration(l.hold.total),
        duration(l.hold.p50),
        duration(l.hold.p99),
        duration(l.hold.max),
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}

export const lockTable: TopicTable = {
  name: 'locks',
  data: lockData,
  tables: (profile, top, { match }) => [tableOf(profile, top, match)],
};
