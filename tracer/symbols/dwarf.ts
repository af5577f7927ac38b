// SPDX-License-Identifier: MIT
// Entries of .debug_info (DWARF 4 and 5), as far as prototypes of functions need them: one compilation unit at a time, found by the
// addresses of its code in .debug_aranges, so that of 40 MB of a driver executable's debug information a few are read.
import { cString } from '../elf/elf.js';
import type { ElfFile } from '../elf/file.js';

export const TAG = {
  array: 0x01,
  enumeration: 0x04,
  formalParameter: 0x05,
  pointer: 0x0f,
  structure: 0x13,
  subroutine: 0x15,
  typedef: 0x16,
  union: 0x17,
  unspecifiedParameters: 0x18,
  base: 0x24,
  const: 0x26,
  enumerator: 0x28,
  subprogram: 0x2e,
  volatile: 0x35,
  restrict: 0x37,
} as const;

const AT = {
  sibling: 0x01,
  name: 0x03,
  byteSize: 0x0b,
  lowPc: 0x11,
  constValue: 0x1c,
  abstractOrigin: 0x31,
  encoding: 0x3e,
  specification: 0x47,
  type: 0x49,
  ranges: 0x55,
} as const;

const KEYS: Readonly<Record<number, Exclude<keyof Entry, 'tag' | 'children' | 'next'>>> = {
  [AT.sibling]: 'sibling',
  [AT.name]: 'name',
  [AT.byteSize]: 'size',
  [AT.lowPc]: 'address',
  [AT.constValue]: 'value',
  [AT.abstractOrigin]: 'origin',
  [AT.encoding]: 'encoding',
  [AT.specification]: 'origin',
  [AT.type]: 'type',
  [AT.ranges]: 'ranges',
};

/** One entry. References are offsets in .debug_info. */
export interface Entry {
  readonly tag: number;
  /** It has children: they begin at `next`. */
  readonly children: boolean;
  /** Where the entry ends. */
  readonly next: number;
  readonly name?: string;
  readonly sibling?: number;
  readonly size?: number;
  readonly address?: number;
  readonly value?: number;
  readonly origin?: number;
  readonly encoding?: number;
  readonly type?: number;
  /** Of a function in several pieces (gcc's hot and cold part): offset in .debug_rnglists. */
  readonly ranges?: number;
}

interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  /** Attribute, form, and the value of an implicit constant. */
  readonly fields: readonly (readonly [number, number, number])[];
}

/** Damage shows as a read beyond the end. */
class Cursor {
  at: number;
  readonly bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  unsigned(size: number): number {
    const at = this.at;
    if (at + size > this.bytes.length) throw new RangeError('end of the debug information');
    this.at = at + size;
    if (size === 1) return this.bytes[at] as number;
    if (size === 4) return this.bytes.readUInt32LE(at);
    if (size === 8) return this.bytes.readUInt32LE(at + 4) * 0x100000000 + this.bytes.readUInt32LE(at);
    return this.bytes.readUIntLE(at, size);
  }
  uleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const b = this.unsigned(1);
      value += (b & 127) * factor;
      if (b < 128) return value;
    }
  }
  sleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const b = this.unsigned(1);
      value += (b & 127) * factor;
      if (b < 128) return b & 64 ? value - factor * 128 : value;
    }
  }
  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.bytes.length) throw new RangeError('end of the debug information');
  }
}

/** A compilation unit that is being read. */
export class Unit {
  readonly start: number;
  readonly end: number;
  /** The first entry: the unit's own. */
  readonly first: number;
  readonly #info: Buffer;
  readonly #strings: readonly [Buffer, Buffer];
  readonly #addressSize: number;
  readonly #abbreviations: ReadonlyMap<number, Abbreviation>;

  constructor(debug: DebugInfo, start: number) {
    const cursor = new Cursor(debug.info, start);
    const length = cursor.unsigned(4);
    if (length >= 0xfffffff0) throw new RangeError('64-bit DWARF');
    this.start = start;
    this.end = Math.min(cursor.at + length, debug.info.length);
    const version = cursor.unsigned(2);
    if (version !== 4 && version !== 5) throw new RangeError(`DWARF ${version}`);
    let addressSize = 8;
    if (version === 5) {
      cursor.skip(1);
      addressSize = cursor.unsigned(1);
    }
    const abbreviations = cursor.unsigned(4);
    if (version === 4) addressSize = cursor.unsigned(1);
    this.first = cursor.at;
    this.#addressSize = addressSize;
    this.#info = debug.info;
    this.#strings = debug.strings;
    this.#abbreviations = debug.abbreviations(abbreviations);
  }

  /** The entry at an offset; undefined for the end of a row of children. */
  entry(at: number): Entry | undefined {
    const cursor = new Cursor(this.#info, at);
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const form = this.#abbreviations.get(code);
    if (form === undefined) throw new RangeError(`no abbreviation ${code}`);
    const entry: { -readonly [K in keyof Entry]: Entry[K] } = { tag: form.tag, children: form.children, next: 0 };
    for (const [attribute, kind, constant] of form.fields) {
      const value = kind === 0x21 ? constant : this.#value(cursor, kind);
      const key = KEYS[attribute];
      if (key === undefined || value === undefined) continue;
      if (key === 'name') {
        if (typeof value === 'string') entry.name = value;
      } else if (typeof value === 'number') entry[key] = value;
    }
    entry.next = cursor.at;
    return entry;
  }

  /** The children of an entry, those of its children left out. */
  *children(parent: Entry): Generator<Entry> {
    if (!parent.children) return;
    let at = parent.next;
    while (at < this.end) {
      const entry = this.entry(at);
      if (entry === undefined) return;
      yield entry;
      at = this.#after(entry);
    }
  }

  #after(entry: Entry): number {
    if (!entry.children) return entry.next;
    if (entry.sibling !== undefined && entry.sibling > entry.next) return entry.sibling;
    let at = entry.next;
    for (let depth = 1; depth > 0 && at < this.end; ) {
      const inner = this.entry(at);
      if (inner === undefined) {
        depth--;
        at++;
      } else if (inner.children && inner.sibling !== undefined && inner.sibling > inner.next) {
        at = inner.sibling;
      } else {
        if (inner.children) depth++;
        at = inner.next;
      }
    }
    return at;
  }

  #value(cursor: Cursor, form: number): number | string | undefined {
    switch (form) {
      case 0x01: // addr
        return cursor.unsigned(this.#addressSize);
      case 0x0b: // data1
      case 0x0c: // flag
        return cursor.unsigned(1);
      case 0x11: // ref1
        return this.start + cursor.unsigned(1);
      case 0x05: // data2
        return cursor.unsigned(2);
      case 0x12: // ref2
        return this.start + cursor.unsigned(2);
      case 0x06: // data4
      case 0x17: // sec_offset
      case 0x10: // ref_addr: an offset in .debug_info itself
        return cursor.unsigned(4);
      case 0x13: // ref4
        return this.start + cursor.unsigned(4);
      case 0x07: // data8
      case 0x20: // ref_sig8
        return cursor.unsigned(8);
      case 0x14: // ref8
        return this.start + cursor.unsigned(8);
      case 0x1e: // data16
        return void cursor.skip(16);
      case 0x0d:
        return cursor.sleb();
      case 0x0f: // udata
      case 0x1b: // addrx
      case 0x22: // loclistx
      case 0x23: // rnglistx
        return cursor.uleb();
      case 0x15: // ref_udata
        return this.start + cursor.uleb();
      case 0x08: {
        const text = cString(cursor.bytes, cursor.at);
        cursor.skip(Buffer.byteLength(text) + 1);
        return text;
      }
      case 0x0e: // strp
        return cString(this.#strings[0], cursor.unsigned(4));
      case 0x1f: // line_strp
        return cString(this.#strings[1], cursor.unsigned(4));
      case 0x19: // flag_present
        return 1;
      case 0x18: // exprloc
      case 0x09: // block
        return void cursor.skip(cursor.uleb());
      case 0x0a: // block1
        return void cursor.skip(cursor.unsigned(1));
      case 0x03: // block2
        return void cursor.skip(cursor.unsigned(2));
      case 0x04: // block4
        return void cursor.skip(cursor.unsigned(4));
      default:
        throw new RangeError(`unknown form 0x${form.toString(16)}`);
    }
  }
}

export class DebugInfo {
  readonly info: Buffer;
  /** .debug_str and .debug_line_str. */
  readonly strings: readonly [Buffer, Buffer];
  readonly #abbrev: Buffer;
  readonly #ranges: Buffer;
  readonly #lists: Buffer;
  readonly #tables = new Map<number, ReadonlyMap<number, Abbreviation>>();

  constructor(elf: ElfFile) {
    this.info = elf.contents('.debug_info');
    this.strings = [elf.contents('.debug_str'), elf.contents('.debug_line_str')];
    this.#abbrev = elf.contents('.debug_abbrev');
    this.#ranges = elf.contents('.debug_aranges');
    this.#lists = elf.contents('.debug_rnglists');
  }

  abbreviations(at: number): ReadonlyMap<number, Abbreviation> {
    const known = this.#tables.get(at);
    if (known) return known;
    const table = new Map<number, Abbreviation>();
    const cursor = new Cursor(this.#abbrev, at);
    for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
      const tag = cursor.uleb();
      const children = cursor.unsigned(1) !== 0;
      const fields: [number, number, number][] = [];
      for (;;) {
        const attribute = cursor.uleb();
        const form = cursor.uleb();
        if (attribute === 0 && form === 0) break;
        fields.push([attribute, form, form === 0x21 ? cursor.sleb() : 0]);
      }
      table.set(code, { tag, children, fields });
    }
    this.#tables.set(at, table);
    return table;
  }

  /** Where the ranges of a list begin, when the unit's base address is 0. */
  rangeStarts(at: number): number[] {
    const cursor = new Cursor(this.#lists, at);
    const starts: number[] = [];
    let base = 0;
    for (;;) {
      const kind = cursor.unsigned(1);
      if (kind === 4) {
        starts.push(base + cursor.uleb()); // offset_pair
        cursor.uleb();
      } else if (kind === 5) {
        base = cursor.unsigned(8); // base_address
      } else if (kind === 6) {
        starts.push(cursor.unsigned(8)); // start_end
        cursor.skip(8);
      } else if (kind === 7) {
        starts.push(cursor.unsigned(8)); // start_length
        cursor.uleb();
      } else {
        return starts; // the end, or a kind that only split debug information has
      }
    }
  }

  /** Offsets of the units that hold code at these addresses. */
  unitsOf(addresses: readonly number[]): number[] {
    const wanted = [...addresses].sort((a, b) => a - b);
    const units = new Set<number>();
    const bytes = this.#ranges;
    for (let at = 0; at + 12 <= bytes.length; ) {
      const end = at + 4 + bytes.readUInt32LE(at);
      if (end > bytes.length || end <= at) break;
      const unit = bytes.readUInt32LE(at + 6);
      for (let row = at + 16; row + 16 <= end; row += 16) {
        const start = Number(bytes.readBigUInt64LE(row));
        // Ranges of dropped sections start at 0.
        if (start !== 0 && holds(wanted, start, start + Number(bytes.readBigUInt64LE(row + 8)))) units.add(unit);
      }
      at = end;
    }
    return [...units];
  }
}

function holds(sorted: readonly number[], from: number, to: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((sorted[mid] as number) < from) low = mid + 1;
    else high = mid;
  }
  return low < sorted.length && (sorted[low] as number) < to;
}
