// SPDX-License-Identifier: MIT
// A reader of 64-bit little-endian ELF files: sections, function symbols, build-id. Knows just what a tracer needs.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

export class ElfError extends Error {
  readonly code = 'ERR_DDE_ELF';
}

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly addr: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

export interface ElfSymbol {
  readonly addr: number;
  readonly size: number;
  readonly name: string;
  readonly global: boolean;
}

const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;
const SHF_COMPRESSED = 0x800;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const NT_GNU_BUILD_ID = 3;
/** Larger than any section of a kernel with full debug information. */
const MAX_SECTION = 2 ** 31 - 1;

/** A zero-terminated string. */
export function cString(bytes: Buffer, at: number): string {
  if (at < 0 || at >= bytes.length) return '';
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end < 0 ? bytes.length : end);
}

export class ElfFile {
  readonly path: string;
  readonly sections: readonly ElfSection[];
  readonly #fd: number;
  readonly #size: number;

  /** Opens a file; throws ElfError when it is no such ELF file. close() it. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'r');
    try {
      this.#size = fstatSync(this.#fd).size;
      this.sections = this.#readSections();
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  section(name: string): ElfSection | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /** The contents of a section, decompressed; empty when there is none. */
  contents(section: ElfSection | string): Buffer {
    const found = typeof section === 'string' ? this.section(section) : section;
    if (!found || found.type === SHT_NOBITS) return Buffer.alloc(0);
    const bytes = this.#read(found.offset, found.size);
    if ((found.flags & SHF_COMPRESSED) === 0) return bytes;
    if (bytes.length < 24 || bytes.readUInt32LE(0) !== 1) throw this.#error(`${found.name}: unknown compression`);
    return inflateSync(bytes.subarray(24), { maxOutputLength: MAX_SECTION });
  }

  /** Functions, sorted by address; of several names for one address the global, then the shortest. */
  functions(): ElfSymbol[] {
    const table = this.sections.find((section) => section.type === SHT_SYMTAB);
    if (!table) return [];
    const names = this.sections[table.link];
    const strings = names ? this.contents(names) : Buffer.alloc(0);
    const bytes = this.contents(table);
    const best = new Map<number, ElfSymbol>();
    for (let at = 0; at + 24 <= bytes.length; at += 24) {
      const info = bytes.readUInt8(at + 4);
      if ((info & 15) !== STT_FUNC || bytes.readUInt16LE(at + 6) === 0) continue;
      const symbol = {
        addr: Number(bytes.readBigUInt64LE(at + 8)),
        size: Number(bytes.readBigUInt64LE(at + 16)),
        name: cString(strings, bytes.readUInt32LE(at)),
        global: info >> 4 === 1,
      };
      const other = best.get(symbol.addr);
      if (!other || rank(symbol) < rank(other)) best.set(symbol.addr, symbol);
    }
    return [...best.values()].sort((a, b) => a.addr - b.addr);
  }

  /** Where a variable stands; undefined when there is none, or several, of this name. */
  variable(name: string): { addr: number; size: number } | undefined {
    const table = this.sections.find((section) => section.type === SHT_SYMTAB);
    const names = table && this.sections[table.link];
    if (!table || !names) return undefined;
    const strings = this.contents(names);
    const bytes = this.contents(table);
    const found = [];
    for (let at = 0; at + 24 <= bytes.length; at += 24) {
      const object = (bytes.readUInt8(at + 4) & 15) === STT_OBJECT && bytes.readUInt16LE(at + 6) !== 0;
      if (!object || cString(strings, bytes.readUInt32LE(at)) !== name) continue;
      found.push({ addr: Number(bytes.readBigUInt64LE(at + 8)), size: Number(bytes.readBigUInt64LE(at + 16)) });
    }
    return found.length === 1 ? found[0] : undefined;
  }

  /** The build-id in hex, if there is one. */
  buildId(): string | undefined {
    for (const section of this.sections) {
      if (section.type !== SHT_NOTE) continue;
      const note = this.contents(section);
      for (let at = 0; at + 12 <= note.length; ) {
        const nameBytes = note.readUInt32LE(at);
        const bytes = note.readUInt32LE(at + 4);
        const start = at + 12 + ((nameBytes + 3) & ~3);
        if (note.readUInt32LE(at + 8) === NT_GNU_BUILD_ID && cString(note, at + 12) === 'GNU') {
          return note.toString('hex', start, start + bytes);
        }
        at = start + ((bytes + 3) & ~3);
        if (nameBytes > note.length || bytes > note.length) break;
      }
    }
    return undefined;
  }

  #error(what: string): ElfError {
    return new ElfError(`${this.path}: ${what}`);
  }

  #read(offset: number, size: number): Buffer {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.#size && size <= MAX_SECTION)) {
      throw this.#error('a part lies outside of the file');
    }
    const bytes = Buffer.alloc(size);
    let got = 0;
    while (got < size) {
      const n = readSync(this.#fd, bytes, got, size - got, offset + got);
      if (n === 0) throw this.#error('the file became shorter');
      got += n;
    }
    return bytes;
  }

  #readSections(): ElfSection[] {
    if (this.#size < 64) throw this.#error('not an ELF file');
    const header = this.#read(0, 64);
    if (header.readUInt32BE(0) !== 0x7f454c46) throw this.#error('not an ELF file');
    if (header[4] !== 2 || header[5] !== 1) throw this.#error('not a 64-bit little-endian ELF file');
    const offset = Number(header.readBigUInt64LE(40));
    const entry = header.readUInt16LE(58);
    const count = header.readUInt16LE(60);
    if (count === 0) return [];
    if (entry < 64) throw this.#error('bad section table');
    const table = this.#read(offset, entry * count);
    const raw = Array.from({ length: count }, (_, i) => {
      const at = i * entry;
      return {
        nameAt: table.readUInt32LE(at),
        type: table.readUInt32LE(at + 4),
        flags: Number(table.readBigUInt64LE(at + 8)),
        addr: Number(table.readBigUInt64LE(at + 16)),
        offset: Number(table.readBigUInt64LE(at + 24)),
        size: Number(table.readBigUInt64LE(at + 32)),
        link: table.readUInt32LE(at + 40),
      };
    });
    const names = raw[header.readUInt16LE(62)];
    const strings = names && names.type !== SHT_NOBITS ? this.#read(names.offset, names.size) : Buffer.alloc(0);
    return raw.map(({ nameAt, ...section }) => ({ ...section, name: cString(strings, nameAt) }));
  }
}

const rank = (symbol: ElfSymbol): number => (symbol.global ? 0 : 1e6) + symbol.name.length;
