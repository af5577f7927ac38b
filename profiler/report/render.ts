// SPDX-License-Identifier: MIT
// A profile as tables for the terminal or as JSON. All times in JSON are nanoseconds.

import type { Profile } from '../model/index.js';
import { renderTable, styleOf } from '../show/index.js';
import { overview, overviewText } from './overview.js';
import { type ReportOptions, sectionsOf } from './sections.js';

/** What a row is about: `name` or `function`; undefined for what is no row of a table. */
function rowName(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const { name, function: fn } = row as { readonly name?: unknown; readonly function?: unknown };
  return typeof name === 'string' ? name : typeof fn === 'string' ? fn : undefined;
}

/** --match and --top on data as on the table of it: on its rows, which may lie in a property of it. */
function narrowed(data: unknown, options: Pick<ReportOptions, 'match' | 'top'>): unknown {
  const { match, top } = options;
  if (Array.isArray(data)) {
    if (data.length === 0 || rowName(data[0]) === undefined) return data;
    const rows = match === undefined ? data : data.filter((row) => match(rowName(row) ?? ''));
    return top === undefined ? rows : rows.slice(0, top);
  }
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Array.isArray(value) ? narrowed(value, options) : value]),
  );
}

/** Ends with a newline. */
export function renderReport(profile: Profile, options: ReportOptions = {}): string {
  const sections = sectionsOf(options.by);
  if (options.json === true) {
    const out: Record<string, unknown> = { overview: overview(profile) };
    for (const section of sections) {
      const data = section.data(profile, options);
      // Its rows are values of one function's arguments: --match is about functions.
      out[section.name] = section.aboutValues === true ? data : narrowed(data, options);
    }
    return `${JSON.stringify(out, null, 2)}\n`;
  }
  const top = options.top ?? (options.by === undefined ? 12 : 20);
  const style = styleOf(options.color ?? false, options.width);
  const tables = sections.flatMap((section) => section.tables(profile, top, options));
  const shown = options.by === undefined ? tables.filter((t) => t.rows.length > 0) : tables;
  return [overviewText(profile), ...shown.map((t) => renderTable(t, style))].join('\n');
}
