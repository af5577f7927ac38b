// SPDX-License-Identifier: MIT
// The tables of a report by name: those of calls and threads, and those of the topics.

import type { FrameKind, Profile, TopicKey } from '../model/index.js';
import type { Table } from '../show/index.js';
import { TABLES, type TableOptions } from '../topics/index.js';
import { edgeRows, edgeTable, functionRows, functionTable, threadRows, threadTable } from './functions.js';

export type ReportName = string;

export interface ReportOptions extends TableOptions {
  /** Which tables; see REPORT_NAMES. Default: the summary. */
  readonly by?: ReportName | readonly ReportName[];
  /** Rows in each table. Default 20, in the summary 12. */
  readonly top?: number;
  readonly json?: boolean;
  /** ANSI colours: pass whether standard output is a terminal. Default false. */
  readonly color?: boolean;
  readonly width?: number;
}

export interface Section {
  readonly name: ReportName;
  /** What the profile must have been read with besides the calls. */
  readonly topic?: TopicKey<unknown>;
  readonly summary: boolean;
  readonly html: boolean;
  /** Its rows are values of one function's arguments: --match, which is about functions, does not apply. */
  readonly aboutValues?: boolean;
  data(profile: Profile, options: ReportOptions): unknown;
  tables(profile: Profile, top: number, options: ReportOptions): Table[];
}

/** Of a table that shows all of its rows unless the user wants fewer. */
function limited(table: Table, { top }: ReportOptions): Table {
  return top === undefined ? table : { ...table, rows: table.rows.slice(0, top) };
}

function named<T extends { name: string }>(rows: T[], { match }: ReportOptions): T[] {
  return match === undefined ? rows : rows.filter((row) => match(row.name));
}

function calls(
  name: ReportName,
  title: string,
  kinds: readonly FrameKind[],
  { summary = false, html = true }: { summary?: boolean; html?: boolean } = {},
): Section {
  return {
    name,
    summary,
    html,
    data: (p, o) => named(functionRows(p, kinds), o),
    tables: (p, top, o) => [functionTable(title, named(functionRows(p, kinds), o), top, p.busy)],
  };
}

const CONTEXTS: readonly FrameKind[] = ['irq', 'softirq', 'work', 'timer', 'interval'];
const FUNCTIONS: readonly FrameKind[] = ['program', 'syscall', 'api', 'driver', 'core', ...CONTEXTS];

const SECTIONS: readonly Section[] = [
  calls('api', 'Kernel API calls', ['api'], { summary: true }),
  calls('driver', 'Driver functions', ['driver'], { summary: true }),
  calls('core', 'Functions of the Linux core', ['core']),
  calls('functions', 'Functions', FUNCTIONS, { html: false }),
  calls('context', 'Work items, timers and interrupts', CONTEXTS),
  ...TABLES.map(
    (table): Section => ({
      name: table.name,
      topic: table.topic.key,
      aboutValues: table.aboutFunction === true,
      data: table.data,
      tables(p, top, o) {
        const tables = table.tables(p, top, o);
        return table.showsAll === true ? tables.map((one) => limited(one, o)) : tables;
      },
      summary: table.summary === true,
      html: table.aboutFunction !== true && table.textOnly !== true,
    }),
  ),
  {
    name: 'threads',
    summary: true,
    html: true,
    data: (p, o) => named(threadRows(p), o),
    tables: (p, top, o) => [threadTable(named(threadRows(p), o), top, p.duration)],
  },
  {
    name: 'callers',
    summary: false,
    html: false,
    data: (p, o) => named(edgeRows(p, o.function ?? ''), o),
    tables: (p, top, o) => [edgeTable(o.function ?? '', named(edgeRows(p, o.function ?? ''), o), top)],
  },
];

const BY_NAME = new Map(SECTIONS.map((section) => [section.name, section]));

export const REPORT_NAMES: readonly ReportName[] = SECTIONS.map(({ name }) => name);

export const HTML_SECTIONS: readonly Section[] = SECTIONS.filter(({ html }) => html);

/** Sections by name; without names, those of the summary. Names that are none are left out. */
export function sectionsOf(by: ReportName | readonly ReportName[] | undefined): readonly Section[] {
  if (by === undefined) return SECTIONS.filter(({ summary }) => summary);
  return (typeof by === 'string' ? [by] : by).flatMap((name) => BY_NAME.get(name) ?? []);
}

/** The topics that a profile must be read with for these tables; without names, for the summary. */
export function neededBy(by?: readonly ReportName[]): TopicKey<unknown>[] {
  return sectionsOf(by).flatMap(({ topic }) => topic ?? []);
}
