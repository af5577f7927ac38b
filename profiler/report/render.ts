// SPDX-License-Identifier: MIT
// A profile as tables for the terminal or as JSON. All times in JSON are nanoseconds.

import type { Analysis, FrameKind, Profile } from '../model/index.js';
import {
  dmaData,
  dmaTables,
  irqData,
  irqTable,
  napiData,
  napiTable,
  softirqData,
  softirqTable,
  virtToPhysData,
  virtToPhysTables,
} from './domains.js';
import { count, duration, percent } from './format.js';
import { edgeRows, edgeTable, functionRows, functionTable, threadRows, threadTable } from './functions.js';
import { callValuesData, callValuesTable } from './call-values.js';
import { allocationData, allocationTable, lockData, lockTable } from './memory.js';
import { stackData, stackTable } from './stacks.js';
import { pathData, pathTable, timerData, timerTable } from './timing.js';
import { mmioData, mmioTable, packetData, packetTable } from './traffic.js';
import { renderTable, styleOf, type Table } from './table.js';

interface Section {
  /** What the profile must have been loaded with besides the calls. */
  readonly needs?: readonly Analysis[];
  data(profile: Profile, options: ReportOptions): unknown;
  tables(profile: Profile, top: number, options: ReportOptions): Table[];
}

export interface ReportOptions {
  /** Which tables; see REPORTS. Default: the summary. */
  by?: ReportName | readonly ReportName[];
  /** Rows in each table. Default 20, in the summary 12. */
  top?: number;
  json?: boolean;
  /** ANSI colours: pass whether standard output is a terminal. Default false. */
  color?: boolean;
  width?: number;
  /** For `callers` and `arguments`: the function. The profile must have been loaded with its values. */
  function?: string;
  /** Only functions, threads and the like of these names. */
  match?: (name: string) => boolean;
}

function named<T extends { name: string }>(rows: T[], { match }: ReportOptions): T[] {
  return match === undefined ? rows : rows.filter((row) => match(row.name));
}

/** Of a table that shows all of its rows unless the user wants fewer. */
function limited(table: Table, { top }: ReportOptions): Table {
  return top === undefined ? table : { ...table, rows: table.rows.slice(0, top) };
}

/** What a row is about: `name` or `function`; undefined for what is no row of a table. */
function rowName(row: unknown): string | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const { name, function: fn } = row as { readonly name?: unknown; readonly function?: unknown };
  return typeof name === 'string' ? name : typeof fn === 'string' ? fn : undefined;
}

/** --match and --top on data as on the table of it: on its rows, which may lie in a property of it. */
export function narrowed(data: unknown, options: Pick<ReportOptions, 'match' | 'top'>): unknown {
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

function calls(title: string, kinds: readonly FrameKind[]): Section {
  return {
    data: (p, o) => named(functionRows(p, kinds), o),
    tables: (p, top, o) => [functionTable(title, named(functionRows(p, kinds), o), top, p.busy)],
  };
}

const FUNCTIONS: readonly FrameKind[] = ['api', 'driver', 'core', 'irq', 'softirq', 'work', 'timer', 'interval'];

export const REPORTS = {
  api: calls('Kernel API calls', ['api']),
  driver: calls('Driver functions', ['driver']),
  core: calls('Functions of the Linux core', ['core']),
  functions: calls('Functions', FUNCTIONS),
  context: calls('Work items, timers and interrupts', ['irq', 'softirq', 'work', 'timer', 'interval']),
  irq: { data: (p, o) => named(irqData(p), o), tables: (p, _, o) => [limited(irqTable(p, o.match), o)] },
  latency: { needs: ['paths'], data: (p, o) => named(pathData(p), o), tables: (p, _, o) => [limited(pathTable(p, o.match), o)] },
  softirq: { data: (p, o) => named(softirqData(p), o), tables: (p, _, o) => [limited(softirqTable(p, o.match), o)] },
  napi: { data: (p, o) => named(napiData(p), o), tables: (p, _, o) => [limited(napiTable(p, o.match), o)] },
  dma: { needs: ['dma'], data: dmaData, tables: (p, top, o) => dmaTables(p, top, o.match) },
  virt_to_phys: {
    needs: ['virtToPhys', 'dma'],
    data: virtToPhysData,
    tables: (p, top, o) => virtToPhysTables(p, top, o.match),
  },
  mmio: { needs: ['mmio'], data: (p, o) => named(mmioData(p), o), tables: (p, top, o) => [mmioTable(p, top, o.match)] },
  locks: {
    needs: ['locks'],
    data: (p, o) => named(lockData(p), o),
    tables: (p, top, o) => [lockTable(p, top, o.match)],
  },
  timers: {
    needs: ['timers'],
    data: (p, o) => named(timerData(p), o),
    tables: (p, top, o) => [timerTable(p, top, o.match)],
  },
  allocations: {
    needs: ['allocations'],
    data: allocationData,
    tables: (p, top, o) => [allocationTable(p, top, o.match)],
  },
  packets: {
    needs: ['packets'],
    data: (p, o) => named(packetData(p), o),
    tables: (p, _, o) => [limited(packetTable(p, o.match), o)],
  },
  stacks: {
    needs: ['stacks'],
    data: (p, o) => named(stackData(p), o),
    tables: (p, top, o) => [stackTable(p, top, o.match)],
  },
  threads: {
    data: (p, o) => named(threadRows(p), o),
    tables: (p, top, o) => [threadTable(named(threadRows(p), o), top, p.duration)],
  },
  callers: {
    data: (p, o) => named(edgeRows(p, o.function ?? ''), o),
    tables: (p, top, o) => [edgeTable(o.function ?? '', named(edgeRows(p, o.function ?? ''), o), top)],
  },
  arguments: {
    data: callValuesData,
    tables: (p, top, o) => [callValuesTable(p, o.function ?? '', top)],
  },
} satisfies Record<string, Section>;

export type ReportName = keyof typeof REPORTS;

export const REPORT_NAMES = Object.keys(REPORTS) as ReportName[];

const SUMMARY: readonly ReportName[] = [
  'api',
  'driver',
  'irq',
  'softirq',
  'napi',
  'dma',
  'virt_to_phys',
  'stacks',
  'threads',
];

/** What a profile must be loaded with for these tables; without names, for the summary. */
export function neededBy(by: readonly ReportName[] = SUMMARY): Analysis[] {
  return by.flatMap((name) => [...((REPORTS[name] as Section).needs ?? [])]);
}

export function overview(profile: Profile) {
  const { meta, accounting } = profile;
  return {
    ...meta,
    duration: profile.duration,
    busy: profile.busy,
    threads: profile.threads.filter((t) => t.end > 0).length,
    calls: profile.threads.reduce((sum, t) => sum + t.calls, 0),
    accounting,
    overhead: profile.overhead ?? null,
    gaps: profile.gaps.length,
  };
}

/** What `record --min-duration` has left out: ' + 20 left out, of calls below 10.0 us'. */
function leftOut({ accounting, meta }: Profile): string {
  if (meta.minDuration === undefined) return '';
  return ` + ${count(accounting.filtered)} left out, of calls below ${duration(meta.minDuration)}`;
}

function overviewText(profile: Profile): string {
  const o = overview(profile);
  const a = profile.accounting;
  const lines = [
    `${o.title}`,
    `  ${duration(o.duration)}, virtual CPU busy ${percent(o.busy, o.duration)}, ${count(o.threads)} threads, ${count(o.calls)} calls`,
    `  ${count(a.produced)} events produced = ${count(a.recorded)} recorded + ${count(a.lost)} lost` +
      (profile.gaps.length > 0 ? ` in ${count(profile.gaps.length)} gaps` : '') +
      leftOut(profile),
  ];
  const { overhead } = profile;
  if (overhead !== undefined) {
    const ns = (n: number): string => `${n.toFixed(1)} ns`;
    lines.push(
      `  tracer: ${ns(overhead.pair)} a call, ${ns(overhead.event)} an event; ${duration(Math.round(overhead.total))} in all, ` +
        `${overhead.subtracted ? 'taken out of total and own times' : `${percent(overhead.total, o.busy)} of the busy time`}`,
    );
  }
  const { skippedSites: skipped } = profile.meta;
  if (skipped !== undefined) {
    const places = `${count(skipped)} ${skipped === 1 ? 'place' : 'places'}`;
    lines.push(`  not recorded: ${places} of the code, where a debugger's breakpoint stood`);
  }
  if (!profile.meta.complete) lines.push('  the recording was cut off: this is what it held up to then');
  const repaired = a.orphanExits + a.tooDeep + a.backwards + a.corrupt;
  if (repaired > 0) {
    lines.push(
      `  repaired: ${count(a.orphanExits)} exits without entry, ${count(a.tooDeep)} calls too deep, ` +
        `${count(a.backwards)} times running backwards, ${count(a.corrupt)} unreadable records`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Ends with a newline. */
export function renderReport(profile: Profile, options: ReportOptions = {}): string {
  const names: readonly ReportName[] =
    options.by === undefined ? SUMMARY : typeof options.by === 'string' ? [options.by] : options.by;
  const sections: Record<string, Section> = REPORTS;
  if (options.json === true) {
    const out: Record<string, unknown> = { overview: overview(profile) };
    for (const n of names) {
      const data = sections[n]?.data(profile, options);
      // Its rows are values of one function's arguments: --match is about functions.
      out[n] = n === 'arguments' ? data : narrowed(data, options);
    }
    return `${JSON.stringify(out, null, 2)}\n`;
  }
  const top = options.top ?? (options.by === undefined ? 12 : 20);
  const style = styleOf(options.color ?? false, options.width);
  const tables = names.flatMap((n) => sections[n]?.tables(profile, top, options) ?? []);
  const shown = options.by === undefined ? tables.filter((t) => t.rows.length > 0) : tables;
  return [overviewText(profile), ...shown.map((t) => renderTable(t, style))].join('\n');
}
