// SPDX-License-Identifier: MIT
// A table for each kind of typed event, named as tracepoints are: `irq.softirq_entry`, with the event's arguments as columns.

import { EVENT_TABLE } from '../../../tracer/decode/events.gen.js';
import { isNumeric, numericArg, otherArg } from '../../../tracer/decode/args.js';
import type { EventBatch, PlacedArg, PlacedEvent, Trace } from '../../../tracer/decode/types.js';
import type { ParquetColumn, ParquetType } from '../../../tracer/recorder/parquet.js';
import { readerFor, type Symbols, type ThreadState } from '../../read/index.js';
import { type ColumnBuffer, type SetOptions, Table } from './table.js';

/** What each event has, before its own arguments. */
export const COMMON_COLUMNS: readonly ParquetColumn[] = [
  { name: 'id', type: 'i64', sorted: true },
  { name: 'ts', type: 'i64', sorted: true },
  { name: 'utid', type: 'u32' },
  { name: 'slice_id', type: 'i64', sorted: true, optional: true },
];
const OWN = new Set(COMMON_COLUMNS.map(({ name }) => name));

/** An argument goes by its own name; one that would hide a column of all events has `_` behind it: `dma.dma_map.id_`. */
export function argColumn(name: string): string {
  return OWN.has(name) ? `${name}_` : name;
}

/** `irq:softirq_raise` -> `irq.softirq_raise`. */
export function eventTable(event: PlacedEvent): string {
  return event.name.replace(':', '.').replace(/[^A-Za-z0-9_.]/g, '_');
}

type Put = (row: number, b: EventBatch, i: number) => void;

interface Argument {
  readonly columns: readonly ParquetColumn[];
  put(columns: readonly ColumnBuffer[]): Put;
}

function symbol(symbols: Symbols, addr: number): string {
  if (addr === 0) return '';
  const found = symbols.find(addr);
  if (found === undefined) return `0x${addr.toString(16)}`;
  return addr === found.addr ? found.name : `${found.name}+0x${(addr - found.addr).toString(16)}`;
}

function textColumn(name: string, read: (b: EventBatch, i: number) => string): Argument {
  return {
    columns: [{ name, type: 'text' }],
    put:
      ([column]) =>
      (row, b, i) =>
        column?.text(row, read(b, i)),
  };
}

function numberColumn(name: string, type: ParquetType, read: (b: EventBatch, i: number) => number): Argument {
  return {
    columns: [{ name, type }],
    put:
      ([column]) =>
      (row, b, i) =>
        column?.number(row, read(b, i)),
  };
}

const KNOWN = new Map(EVENT_TABLE.map((event) => [event.name, event]));

/** The columns of an argument. */
export function argColumns(arg: PlacedArg): ParquetColumn[] {
  const name = argColumn(arg.name);
  if (!isNumeric(arg) || arg.format === 'enum') return [{ name, type: 'text' }];
  if (arg.format === 'sym') {
    return [
      { name, type: 'text' },
      { name: `${name}_addr`, type: 'u32' },
    ];
  }
  if (arg.format === 'hex') return [{ name, type: arg.type === 'u64' ? 'u64' : 'u32' }];
  return [{ name, type: 'i64' }];
}

function nothing(column: ParquetColumn): Argument {
  return {
    columns: [{ ...column, optional: true }],
    put:
      ([column]) =>
      (row) =>
        column?.cell(row, null),
  };
}

/** A trace that can place a time stamp on its own axis. */
type TimedTrace = Trace & { tscToNs?(tsc: number): number };

function argument(arg: PlacedArg, trace: TimedTrace, symbols: Symbols): Argument {
  const name = argColumn(arg.name);
  if (!isNumeric(arg)) return textColumn(name, (b, i) => otherArg(arg, b, i));
  const read =
    arg.word === 0 && arg.type !== 'u32' ? (b: EventBatch, i: number) => numericArg(arg, b, i) : readerFor(arg);
  if (arg.format === 'sym') {
    const names = new Map<number, string>();
    const nameOf = (addr: number): string => {
      let text = names.get(addr);
      if (text === undefined) {
        text = symbol(symbols, addr);
        names.set(addr, text);
      }
      return text;
    };
    return {
      columns: argColumns(arg),
      put:
        ([text, address]) =>
        (row, b, i) => {
          const addr = read(b, i);
          text?.text(row, nameOf(addr));
          address?.number(row, addr);
        },
    };
  }
  if (arg.format === 'enum') {
    const values = trace.enums[arg.enum ?? ''] ?? [];
    return textColumn(name, (b, i) => values[read(b, i)] ?? String(read(b, i)));
  }
  if (arg.format === 'ticks') return numberColumn(name, 'i64', (b, i) => Math.round(read(b, i) * trace.nsPerTick));
  if (arg.format === 'tsc') {
    const { tscToNs } = trace;
    // Not every trace can tell.
    if (tscToNs === undefined) return nothing({ name, type: 'i64' });
    return numberColumn(name, 'i64', (b, i) => Math.floor(tscToNs.call(trace, read(b, i))));
  }
  if (arg.format === 'hex') return numberColumn(name, arg.type === 'u64' ? 'u64' : 'u32', (b, i) => read(b, i));
  return numberColumn(name, 'i64', read);
}

class EventTable {
  private readonly table: Table;
  private readonly puts: Put[] = [];
  private readonly common: readonly ColumnBuffer[];

  constructor(set: SetOptions, event: PlacedEvent, trace: Trace, symbols: Symbols) {
    const known = new Set(event.args.map((arg) => arg.name));
    // What older recordings do not hold is null.
    const missing = (KNOWN.get(event.name)?.args ?? []).filter((arg) => !known.has(arg.name));
    const args = [
      ...event.args.map((arg) => argument(arg, trace, symbols)),
      ...missing.flatMap((arg) => argColumns(arg).map(nothing)),
    ];
    this.table = new Table(set, eventTable(event), [...COMMON_COLUMNS, ...args.flatMap((a) => a.columns)]);
    let at = COMMON_COLUMNS.length;
    this.common = this.table.columns.slice(0, at);
    for (const arg of args) {
      this.puts.push(arg.put(this.table.columns.slice(at, at + arg.columns.length)));
      at += arg.columns.length;
    }
  }

  add(id: number, s: ThreadState, t: number, b: EventBatch, i: number): void {
    const row = this.table.next();
    const [ids, ts, utid, slice] = this.common as [ColumnBuffer, ColumnBuffer, ColumnBuffer, ColumnBuffer];
    ids.number(row, id);
    ts.number(row, t);
    utid.number(row, s.index);
    const call = s.depth > 0 ? (s.call[s.depth] as number) : -1;
    if (call >= 0) slice.number(row, call);
    else slice.cell(row, null);
    for (const put of this.puts) put(row, b, i);
  }

  finish(): void {
    this.table.finish();
  }
}

export class EventTables {
  private readonly set: SetOptions;
  private readonly trace: Trace;
  private readonly symbols: Symbols;
  private readonly tables: (EventTable | undefined)[] = [];
  /** Of all events: tells which of two at the same time came first. */
  private next = 0;

  constructor(set: SetOptions, trace: Trace, symbols: Symbols) {
    this.set = set;
    this.trace = trace;
    this.symbols = symbols;
  }

  add(s: ThreadState, t: number, b: EventBatch, i: number): void {
    const id = b.id[i] as number;
    let table = this.tables[id];
    if (table === undefined) {
      const event = this.trace.eventById.get(id) ?? unknown(id);
      table = new EventTable(this.set, event, this.trace, this.symbols);
      this.tables[id] = table;
    }
    table.add(this.next++, s, t, b, i);
  }

  finish(): void {
    for (const table of this.tables) table?.finish();
  }
}

function unknown(id: number): PlacedEvent {
  return { id, name: `unknown:event_${id}`, category: '', args: [] } as unknown as PlacedEvent;
}
