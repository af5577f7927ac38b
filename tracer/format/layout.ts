// SPDX-License-Identifier: MIT
// The event table (events.json) and the place of each argument in a record.
//
// A typed event is one 16-byte record {u64 tsc, u32 id, u32 arg} and up to 15 payload records of 16 bytes. Its arguments live
// in 32-bit words: word 0 is `arg`, word 1 is the first word of the payload. The first argument stands in word 0 when it is
// not wider than 32 bits and no string; all others follow from word 1 on, in table order, each aligned to its own size
// (within the payload, whose start is 16-byte aligned). A string or an array of u32 (u32s) is the last argument, zero-padded to the end
// of the record.

/** The types of events.json. */
export type TableType = 'u8' | 'u16' | 'u32' | 'u64' | 'str' | 'u32s';
/**
 * Only in fields of the kernel's own tracepoints: signed numbers; `chars` and `bytes`, arrays of `size` bytes inside the record; `loc`
 * and `locbytes`, the same behind a u32 that holds `length << 16 | offset`, counted from `size` bytes before the payload.
 */
export type FieldType = 'i8' | 'i16' | 'i32' | 'i64' | 'chars' | 'bytes' | 'loc' | 'locbytes';
export type ArgType = TableType | FieldType;
/**
 * How a value is shown. `ticks` and `tsc` are a TSC duration and a TSC time, `sym` is a code address; `bytes` is a string of any
 * bytes, whose length the event before it tells.
 */
export type ArgFormat = 'dec' | 'hex' | 'sym' | 'enum' | 'ticks' | 'tsc' | 'text' | 'bytes';

export interface ArgSpec {
  readonly name: string;
  readonly type: ArgType;
  readonly format: ArgFormat;
  readonly enum?: string;
  /** Bytes of `chars` and `bytes`; see FieldType. */
  readonly size?: number;
}

export interface EventSpec {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  readonly args: readonly ArgSpec[];
}

export interface EventTable {
  readonly formatVersion: number;
  readonly categories: readonly { readonly name: string; readonly bit: number; readonly text: string }[];
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly events: readonly EventSpec[];
}

/** An argument with its place: `word` (0 = the record's arg, 1.. = payload) and `shift` in bits inside that word. */
export interface PlacedArg extends ArgSpec {
  readonly word: number;
  readonly shift: number;
}

export interface PlacedEvent extends EventSpec {
  readonly args: readonly PlacedArg[];
  /** Payload records that follow; for an event that ends with a string, the records before the string's text. */
  readonly extra: number;
}

const SIZE: Readonly<Record<TableType, number>> = { u8: 1, u16: 2, u32: 4, u64: 8, str: 4, u32s: 4 };

/** Runs to the end of the record, so it is the last argument. */
export const openEnded = (arg: ArgSpec | undefined): boolean => arg?.type === 'str' || arg?.type === 'u32s';

/** Events from here on are the kernel's own tracepoints: 4096 + their place in the executable's table. */
export const TRACEPOINT_BASE = 4096;

/** Computes where each argument of an event stands. */
export function placeEvent(event: EventSpec): PlacedEvent {
  let offset = 0;
  let end = 0;
  const args: PlacedArg[] = event.args.map((arg, index) => {
    if (index === 0 && arg.type !== 'u64' && !openEnded(arg)) return { ...arg, word: 0, shift: 0 };
    const size = SIZE[arg.type as TableType];
    offset = Math.ceil(offset / size) * size;
    const placed = { ...arg, word: 1 + (offset >> 2), shift: (offset & 3) * 8 };
    offset += size;
    if (!openEnded(arg)) end = offset;
    return placed;
  });
  return { ...event, args, extra: Math.ceil(end / 16) };
}

/** Throws when the table breaks a rule that the generated code relies on. */
export function checkTable(table: EventTable): void {
  const bits = new Set<number>();
  const categories = new Set<string>();
  for (const category of table.categories) {
    if (category.bit < 0 || category.bit > 31 || bits.has(category.bit))
      throw new Error(`category ${category.name}: bad bit`);
    bits.add(category.bit);
    categories.add(category.name);
  }
  const ids = new Set<number>();
  const names = new Set<string>();
  for (const event of table.events) {
    const short = event.name.slice(event.name.indexOf(':') + 1);
    if (event.id < 1 || event.id >= TRACEPOINT_BASE || ids.has(event.id))
      throw new Error(`event ${event.name}: bad id`);
    if (!/^[a-z]+:[a-z0-9_]+$/.test(event.name) || names.has(short)) throw new Error(`event ${event.name}: bad name`);
    if (!categories.has(event.category)) throw new Error(`event ${event.name}: unknown category`);
    ids.add(event.id);
    names.add(short);
    event.args.forEach((arg, index) => {
      const where = `event ${event.name}, ${arg.name}`;
      if (!(arg.type in SIZE)) throw new Error(`${where}: unknown type`);
      if (openEnded(arg) && index !== event.args.length - 1)
        throw new Error(`${where}: a string or array must be last`);
      if (arg.format === 'enum' && !(arg.enum && table.enums[arg.enum])) throw new Error(`${where}: unknown enum`);
    });
    if (placeEvent(event).extra > 3) throw new Error(`event ${event.name}: more than 48 bytes of arguments`);
  }
}
