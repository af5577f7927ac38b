// SPDX-License-Identifier: MIT
// Just enough of ELF64, little-endian: sections, symbols and x86-64 relocations of objects and executables.
import { badElf } from '../errors.js';

export const SHT_SYMTAB = 2;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHF_ALLOC = 2n;
export const SHF_EXECINSTR = 4n;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
export const SHN_UNDEF = 0;

const EHDR_SIZE = 64;
const SHDR_SIZE = 64;
export const SYM_SIZE = 24;
const RELA_SIZE = 24;

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly addr: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
}

export interface ElfSymbol {
  readonly index: number;
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly type: number;
  readonly bind: number;
  readonly section: number;
}

export interface Relocation {
  /** Where the entry itself lies in the file. */
  readonly at: number;
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  readonly addend: number;
}

export interface Elf {
  readonly bytes: Buffer;
  /** 1: relocatable, 2: executable. */
  readonly type: number;
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  readonly sectionHeaders: number;
  readonly sectionNames: number;
}

function cString(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}

export function parseElf(bytes: Buffer, file: string): Elf {
  if (bytes.length < EHDR_SIZE || bytes.readUInt32BE(0) !== 0x7f454c46) throw badElf(file, 'not an ELF file');
  if (bytes[4] !== 2 || bytes[5] !== 1 || bytes.readUInt16LE(18) !== 62) throw badElf(file, 'not ELF for x86-64');
  const headers = Number(bytes.readBigUInt64LE(40));
  let count = bytes.readUInt16LE(60);
  let names = bytes.readUInt16LE(62);
  if (headers + SHDR_SIZE > bytes.length) throw badElf(file, `section headers at ${headers} lie behind the end`);
  // More than 65,279 sections: the numbers are in section header 0.
  if (count === 0) count = Number(bytes.readBigUInt64LE(headers + 32));
  if (names === 0xffff) names = bytes.readUInt32LE(headers + 40);
  if (headers + count * SHDR_SIZE > bytes.length) throw badElf(file, `${count} section headers do not fit`);
  const namesAt = Number(bytes.readBigUInt64LE(headers + names * SHDR_SIZE + 24));
  const sections: Section[] = [];
  for (let index = 0; index < count; index++) {
    const at = headers + index * SHDR_SIZE;
    const section = {
      index,
      name: cString(bytes, namesAt + bytes.readUInt32LE(at)),
      type: bytes.readUInt32LE(at + 4),
      flags: bytes.readBigUInt64LE(at + 8),
      addr: Number(bytes.readBigUInt64LE(at + 16)),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    };
    if (section.type !== SHT_NOBITS && section.offset + section.size > bytes.length) {
      throw badElf(file, `section ${section.name} at ${section.offset} lies behind the end`);
    }
    sections.push(section);
  }
  return {
    bytes,
    type: bytes.readUInt16LE(16),
    sections,
    symbols: readSymbols(bytes, sections),
    sectionHeaders: headers,
    sectionNames: names,
  };
}

function readSymbols(bytes: Buffer, sections: readonly Section[]): ElfSymbol[] {
  const table = sections.find((s) => s.type === SHT_SYMTAB);
  const strings = table && sections[table.link];
  if (!table || !strings) return [];
  const wide = sections.find((s) => s.type === 18 && s.link === table.index); // SHT_SYMTAB_SHNDX
  const symbols: ElfSymbol[] = [];
  for (let index = 0; index < table.size / SYM_SIZE; index++) {
    const at = table.offset + index * SYM_SIZE;
    const info = bytes.readUInt8(at + 4);
    let section = bytes.readUInt16LE(at + 6);
    if (section === 0xffff && wide) section = bytes.readUInt32LE(wide.offset + index * 4);
    symbols.push({
      index,
      name: cString(bytes, strings.offset + bytes.readUInt32LE(at)),
      value: Number(bytes.readBigUInt64LE(at + 8)),
      size: Number(bytes.readBigUInt64LE(at + 16)),
      type: info & 15,
      bind: info >> 4,
      section,
    });
  }
  return symbols;
}

export function readRelocations(elf: Elf, section: Section): Relocation[] {
  const list: Relocation[] = [];
  for (let at = section.offset; at + RELA_SIZE <= section.offset + section.size; at += RELA_SIZE) {
    list.push({
      at,
      offset: Number(elf.bytes.readBigUInt64LE(at)),
      type: elf.bytes.readUInt32LE(at + 8),
      symbol: elf.bytes.readUInt32LE(at + 12),
      addend: Number(elf.bytes.readBigInt64LE(at + 16)),
    });
  }
  return list;
}

/** The GNU build-id of an executable, in hex. */
export function buildId(elf: Elf): string | undefined {
  const note = elf.sections.find((s) => s.name === '.note.gnu.build-id');
  if (!note) return undefined;
  const nameSize = elf.bytes.readUInt32LE(note.offset);
  const size = elf.bytes.readUInt32LE(note.offset + 4);
  const at = note.offset + 12 + ((nameSize + 3) & ~3);
  return elf.bytes.toString('hex', at, at + size);
}
