// SPDX-License-Identifier: MIT
// The values of a function's arguments, and what it returned.

import type { CallValues, Profile } from '../model/index.js';
import { count, percent } from './format.js';
import type { Table } from './table.js';

/** Values of one argument that are shown. */
const SHOWN = 5;

export function callValuesData(profile: Profile): readonly CallValues[] {
  return profile.callValues;
}

export function callValuesTable(profile: Profile, name: string, top: number): Table {
  const shown = Math.max(SHOWN, Math.floor(top / Math.max(1, profile.callValues.length)));
  const rows: string[][] = [];
  const several = new Set(profile.callValues.map((v) => v.function)).size > 1;
  for (const { function: fn, argument, type, calls, distinct, others, values } of profile.callValues) {
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
