// SPDX-License-Identifier: MIT
// All that `query --schema` tells.

import { SQL_TABLES } from '../../topics/index.js';
import { EVENT_TABLES } from './events.js';
import { STORED } from './stored.js';
import type { TableDoc } from './types.js';
import { MACROS, VIEWS } from './views.js';

const withRecording = (table: TableDoc): TableDoc =>
  table.columns[0]?.[0] === 'recording'
    ? table
    : { ...table, columns: [['recording', 'text', 'which recording'], ...table.columns] };

/** By group, in the order in which a reader wants them. */
export const SCHEMA: readonly { readonly title: string; readonly tables: readonly TableDoc[] }[] = [
  { title: 'Calls and threads', tables: [...VIEWS, ...STORED].map(withRecording) },
  { title: 'Topics', tables: SQL_TABLES.map(withRecording) },
  { title: 'Events', tables: EVENT_TABLES.map(withRecording) },
];

export { MACROS };

/** Ends with a newline. */
export function renderSchema(only?: string): string {
  const lines: string[] = [];
  for (const { title, tables } of SCHEMA) {
    const shown = tables.filter(({ name }) => only === undefined || name.includes(only));
    if (shown.length === 0) continue;
    lines.push(`# ${title}`, '');
    for (const { name, text, columns } of shown) {
      lines.push(`${name}: ${text}`);
      const width = Math.max(...columns.map(([column]) => column.length));
      const units = Math.max(...columns.map(([, unit]) => unit.length));
      for (const [column, unit, what] of columns) {
        lines.push(`  ${column.padEnd(width)}  ${unit.padEnd(units)}  ${what}`.trimEnd());
      }
      lines.push('');
    }
  }
  const macros = MACROS.filter(({ name }) => only === undefined || name.includes(only));
  if (macros.length > 0) {
    lines.push('# Macros', '');
    for (const { call, text } of macros) lines.push(`${call}`, `  ${text}`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
