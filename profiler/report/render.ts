// SPDX-License-Identifier: MIT
// A profile as tables for the terminal or as JSON. All times in JSON are nanoseconds.

import type { Profile } from '../model/index.js';
import { renderTable, styleOf } from '../show/index.js';
import { overview, overviewText } from './overview.js';
import { type ReportOptions, sectionsOf } from './sections.js';

/** Ends with a newline. */
export function renderReport(profile: Profile, options: ReportOptions = {}): string {
  const sections = sectionsOf(options.by);
  if (options.json === true) {
    const out: Record<string, unknown> = { overview: overview(profile) };
    for (const section of sections) {
      const data = section.data(profile, options);
      out[section.name] = Array.isArray(data) && options.top !== undefined ? data.slice(0, options.top) : data;
    }
    return `${JSON.stringify(out, null, 2)}\n`;
  }
  const top = options.top ?? (options.by === undefined ? 12 : 20);
  const style = styleOf(options.color ?? false, options.width);
  const tables = sections.flatMap((section) => section.tables(profile, top, options));
  const shown = options.by === undefined ? tables.filter((t) => t.rows.length > 0) : tables;
  return [overviewText(profile), ...shown.map((t) => renderTable(t, style))].join('\n');
}
