// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, percent, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { argumentStats, type CallValues } from './stats.js';

/** Values of one argument that are shown. */
const SHOWN = 5;

function callValuesData(profile: Profile): readonly CallValues[] {
  return profile.topics.get(argumentStats);
}

function callValuesTable(profile: Profile, name: string, top: number): Table {
  const shown = Math.max(SHOWN, Math.floor(top / Math.max(1, profile.topics.get(argumentStats).length)));
  const rows: string[][] = [];
  const several = new Set(profile.topics.get(argumentStats).map((v) => v.function)).size > 1;
  for (const { function: fn, argument, type, calls, distinct, others, values } of profile.topics.get(argumentStats)) {
    const title = several ? `${fn} ${argument}` : argument;
    values.slice(0, shown).forEach(({ value, calls: n }, i) => {
      rows.push([i === 0 ? title : '', i === 0 ? type : '', String(value), count(n), percent(n, calls)]);
    });
    if (distinct > shown) {
      const rest = values.slice(shown).reduce((sum, v) => sum + v.calls, 0) + others;
      const more = `${count(distinct - shown)}${others > 0 ? ' or more' : ''} other values`;
      rows.push(['', '', more, count(rest), percent(rest, calls)]);
    }
  }
  return {
    title: `Arguments and results of ${name}`,
    columns: [
      { head: 'argument', left: true },
      { head: 'type', left: true },
      { head: 'value', left: true },
      { head: 'calls' },
      { head: 'share' },
    ],
    rows,
  };
}

export const argumentTable: TopicTable = {
  name: 'arguments',
  aboutFunction: true,
  data: callValuesData,
  tables: (profile, top, options) => [callValuesTable(profile, options.function ?? '', top)],
};
