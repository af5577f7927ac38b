// SPDX-License-Identifier: MIT
// Edits of an object file that make its tables of symbols and names longer: they are written anew at its end. Machine code stays.
import { SHN_UNDEF, SHN_XINDEX, SHT_SYMTAB, SHT_SYMTAB_SHNDX, STB_GLOBAL, SYM_SIZE } from '../../../tracer/elf/elf.js';
import type { Elf } from './elf.js';

const SHN_LORESERVE = 0xff00;
const STT_NOTYPE = 0;
const SH_NAME = 0;
const SH_FLAGS = 8;
const SH_OFFSET = 24;
const SH_SIZE = 32;
const SH_ENTSIZE = 56;

class StringTable {
  readonly parts: Uint8Array[];
  size: number;

  constructor(start: Buffer) {
    this.parts = [start];
    this.size = start.length;
  }

  add(text: string): number {
    const at = this.size;
    const bytes = Buffer.from(`${text}\0`);
    this.parts.push(bytes);
    this.size += bytes.length;
    return at;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export class ElfEditor {
  readonly body: Buffer;
  private readonly elf: Elf;
  private readonly symtab: Elf['sections'][number];
  private readonly strtab: Elf['sections'][number];
  private readonly shstrtab: Elf['sections'][number];
  private readonly strings: StringTable;
  private readonly names: StringTable;
  private readonly symbols: Buffer[] = [];
  private readonly wide: number[] = [];
  private count: number;

  /** `body`: what is edited, the file's own bytes or a copy. Undefined for a file without symbols. */
  static of(elf: Elf, body: Buffer): ElfEditor | undefined {
    const symtab = elf.sections.find((s) => s.type === SHT_SYMTAB);
    return symtab && elf.sections[symtab.link] && elf.sections[elf.sectionNames]
      ? new ElfEditor(elf, body, symtab)
      : undefined;
  }

  private constructor(elf: Elf, body: Buffer, symtab: Elf['sections'][number]) {
    this.elf = elf;
    this.body = body;
    this.symtab = symtab;
    this.strtab = elf.sections[symtab.link] as Elf['sections'][number];
    this.shstrtab = elf.sections[elf.sectionNames] as Elf['sections'][number];
    this.count = symtab.size / SYM_SIZE;
    this.strings = new StringTable(this.slice(this.strtab));
    // The section names may share one table with the symbols' names.
    this.names = this.strtab === this.shstrtab ? this.strings : new StringTable(this.slice(this.shstrtab));
  }

  private slice(section: { offset: number; size: number }): Buffer {
    return this.body.subarray(section.offset, section.offset + section.size);
  }

  private header(index: number): number {
    return this.elf.sectionHeaders + index * 64;
  }

  /** A global symbol without a type; returns its number. */
  addSymbol(name: string, section: number = SHN_UNDEF, value = 0): number {
    const symbol = Buffer.alloc(SYM_SIZE);
    symbol.writeUInt32LE(this.strings.add(name), 0);
    symbol.writeUInt8((STB_GLOBAL << 4) | STT_NOTYPE, 4);
    const isWide = section >= SHN_LORESERVE;
    symbol.writeUInt16LE(isWide ? SHN_XINDEX : section, 6);
    symbol.writeBigUInt64LE(BigInt(value), 8);
    this.symbols.push(symbol);
    this.wide.push(isWide ? section : 0);
    return this.count++;
  }

  renameSection(index: number, name: string): void {
    this.body.writeUInt32LE(this.names.add(name), this.header(index) + SH_NAME);
  }

  /** Its first `size` bytes are left; flags and the size of its entries are set when given. */
  shrinkSection(index: number, size: number, kind?: { readonly flags: number; readonly entry: number }): void {
    this.body.writeBigUInt64LE(BigInt(size), this.header(index) + SH_SIZE);
    if (!kind) return;
    this.body.writeBigUInt64LE(BigInt(kind.flags), this.header(index) + SH_FLAGS);
    this.body.writeBigUInt64LE(BigInt(kind.entry), this.header(index) + SH_ENTSIZE);
  }

  /** The parts of the new file. */
  finish(): Uint8Array[] {
    const out: Uint8Array[] = [this.body];
    let end = this.body.length;
    const place = (index: number, parts: readonly Uint8Array[]): void => {
      const padding = (8 - (end % 8)) % 8;
      const size = parts.reduce((sum, part) => sum + part.length, 0);
      out.push(Buffer.alloc(padding), ...parts);
      this.body.writeBigUInt64LE(BigInt(end + padding), this.header(index) + SH_OFFSET);
      this.body.writeBigUInt64LE(BigInt(size), this.header(index) + SH_SIZE);
      end += padding + size;
    };
    place(this.symtab.index, [this.slice(this.symtab), ...this.symbols]);
    place(this.strtab.index, [this.strings.bytes()]);
    if (this.names !== this.strings) place(this.shstrtab.index, [this.names.bytes()]);
    const wide = this.elf.sections.find((s) => s.type === SHT_SYMTAB_SHNDX && s.link === this.symtab.index);
    if (wide) {
      const more = Buffer.alloc(this.wide.length * 4);
      for (const [i, section] of this.wide.entries()) more.writeUInt32LE(section, i * 4);
      place(wide.index, [this.slice(wide), more]);
    }
    return out;
  }
}
