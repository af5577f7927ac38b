// SPDX-License-Identifier: MIT
// An ELF file on the disk, of which the sections that are asked for are read.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import {
  buildId,
  ElfError,
  type ElfSection,
  type ElfSymbol,
  readHeader,
  readSymbols,
  SHF_COMPRESSED,
  SHN_UNDEF,
  SHT_NOBITS,
  STB_GLOBAL,
  STT_FUNC,
  STT_OBJECT,
} from './elf.js';

/** Larger than any section of a kernel with full debug information. */
const MAX_SECTION = 2 ** 31 - 1;

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
      this.sections = readHeader({ size: this.#size, read: (offset, size) => this.#read(offset, size) }).sections;
    } catch (error) {
      closeSync(this.#fd);
      throw error instanceof ElfError ? this.#error(error.message) : error;
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
    const best = new Map<number, ElfSymbol>();
    for (const symbol of this.#symbols(STT_FUNC)) {
      const other = best.get(symbol.value);
      if (!other || rank(symbol) < rank(other)) best.set(symbol.value, symbol);
    }
    return [...best.values()].sort((a, b) => a.value - b.value);
  }

  /** Where a variable stands; undefined when there is none, or several, of this name. */
  variable(name: string): number | undefined {
    const found = this.#symbols(STT_OBJECT).filter((symbol) => symbol.name === name);
    return found.length === 1 ? found[0]?.value : undefined;
  }

  /** The build-id in hex, if there is one. */
  buildId(): string | undefined {
    return buildId(this.sections, (section) => this.contents(section));
  }

  #symbols(type: number): ElfSymbol[] {
    const all = readSymbols(this.sections, (section) => this.contents(section), type);
    return all.filter((symbol) => symbol.section !== SHN_UNDEF);
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
}

const rank = (symbol: ElfSymbol): number => (symbol.bind === STB_GLOBAL ? 0 : 1e6) + symbol.name.length;
