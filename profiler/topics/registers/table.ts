// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { coarser, count, spark, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { registerStats } from './stats.js';

function registerData(profile: Profile) {
  return [...profile.topics.get(registerStats)]
    .sort((a, b) => b.reads + b.writes - a.reads - a.writes)
    .map(({ name, overTime, ...m }) => ({ name: name ?? '', ...m, overTime: [...overTime] }));
}

function tableOf(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = registerData(profile).filter((m) => match?.(m.name) ?? true);
  const named = all.some((m) => m.name !== '');
  return {
    title: 'Device registers',
    columns: [
      { head: 'region', left: true },
      { head: 'offset' },
      ...(named ? [{ head: 'register', left: true }] : []),
      { head: 'reads' },
      { head: 'writes' },
      { head: 'last value' },
      { head: 'over time' },
    ],
    rows: all
      .slice(0, top)
      .map((m) => [
        m.region,
        `0x${m.offset.toString(16)}`,
        ...(named ? [m.name] : []),
        count(m.reads),
        count(m.writes),
        `0x${m.lastValue.toString(16)}`,
        `|${spark(coarser(m.overTime, 16))}|`,
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}

export const registerTable: TopicTable = {
  name: 'mmio',
  data: registerData,
  tables: (profile, top, { match }) => [tableOf(profile, top, match)],
};
