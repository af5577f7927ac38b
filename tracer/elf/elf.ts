// SPDX-License-Identifier: MIT
// The one reader of 64-bit little-endian ELF files: section headers, symbols, build-id. It asks for the bytes that it needs: the tracer
// reads few of an executable with hundreds of megabytes of debug information, a build has an object whole in memory and edits it.

export const SHT_SYMTAB = 2;
export const SHT_RELA = 4;
const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_SYMTAB_SHNDX = 18;
export const SHF_ALLOC = 0x2;
export const SHF_EXECINSTR = 0x4;
export const SHF_COMPRESSED = 0x800;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
export const SHN_UNDEF = 0;
export const SHN_XINDEX = 0xffff;
export const EM_X86_64 = 62;
const SHDR_SIZE = 64;
export const SYM_SIZE = 24;
const EHDR_SIZE = 64;
const NT_GNU_BUILD_ID = 3;

export class ElfError extends Error {
  readonly code = 'ERR_DDE_ELF';
}

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
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

export interface ElfHeader {
  /** 1: relocatable, 2: executable. */
  readonly type: number;
  readonly machine: number;
  /** Where the section headers lie. */
  readonly sectionHeaders: number;
  /** Index of the section that holds the names of sections. */
  readonly sectionNames: number;
  readonly sections: readonly ElfSection[];
}

/** Where the bytes come from. */
export interface ElfSource {
  readonly size: number;
  /** Called for what lies inside of `size` only. */
  read(offset: number, size: number): Buffer;
}

/** A zero-terminated string. */
export function cString(bytes: Buffer, at: number): string {
  if (at < 0 || at >= bytes.length) return '';
  const end = bytes.indexOf(0, at);
  return bytes.toString('utf8', at, end < 0 ? bytes.length : end);
}

/** Throws ElfError: what lies outside of the file is found here, but for the contents of sections that are never read. */
export function readHeader({ size, read }: ElfSource): ElfHeader {
  const inside = (offset: number, length: number, what: string): Buffer => {
    if (!(offset >= 0 && offset + length <= size)) throw new ElfError(`${what} at ${offset} lie behind the end`);
    return read(offset, length);
  };
  if (size < EHDR_SIZE) throw new ElfError('not an ELF file');
  const header = read(0, EHDR_SIZE);
  if (header.readUInt32BE(0) !== 0x7f454c46) throw new ElfError('not an ELF file');
  if (header[4] !== 2 || header[5] !== 1) throw new ElfError('not a 64-bit little-endian ELF file');
  const sectionHeaders = Number(header.readBigUInt64LE(40));
  let count = header.readUInt16LE(60);
  let sectionNames = header.readUInt16LE(62);
  const none = sectionHeaders === 0 && count === 0;
  if (!none && header.readUInt16LE(58) !== SHDR_SIZE) throw new ElfError('bad section table');
  // More than 65,279 sections: the numbers are in section header 0.
  if (!none && (count === 0 || sectionNames === SHN_XINDEX)) {
    const first = inside(sectionHeaders, SHDR_SIZE, 'section headers');
    if (count === 0) count = Number(first.readBigUInt64LE(32));
    if (sectionNames === SHN_XINDEX) sectionNames = first.readUInt32LE(40);
  }
  const table = inside(sectionHeaders, count * SHDR_SIZE, `${count} section headers`);
  let names: Buffer = Buffer.alloc(0);
  if (sectionNames < count && table.readUInt32LE(sectionNames * SHDR_SIZE + 4) !== SHT_NOBITS) {
    const { offset, size: length } = sectionAt(table, sectionNames, names);
    names = inside(offset, length, 'names of sections');
  }
  const sections = Array.from({ length: count }, (_, index) => sectionAt(table, index, names));
  return { type: header.readUInt16LE(16), machine: header.readUInt16LE(18), sectionHeaders, sectionNames, sections };
}

function sectionAt(table: Buffer, index: number, names: Buffer): ElfSection {
  const at = index * SHDR_SIZE;
  return {
    index,
    name: cString(names, table.readUInt32LE(at)),
    type: table.readUInt32LE(at + 4),
    flags: Number(table.readBigUInt64LE(at + 8)),
    addr: Number(table.readBigUInt64LE(at + 16)),
    offset: Number(table.readBigUInt64LE(at + 24)),
    size: Number(table.readBigUInt64LE(at + 32)),
    link: table.readUInt32LE(at + 40),
    info: table.readUInt32LE(at + 44),
  };
}

/** The symbols of a file, or those of one type. `contents` gives the bytes of a section. */
export function readSymbols(
  sections: readonly ElfSection[],
  contents: (section: ElfSection) => Buffer,
  type?: number,
): ElfSymbol[] {
  const symtab = sections.find((section) => section.type === SHT_SYMTAB);
  const strtab = symtab && sections[symtab.link];
  if (!symtab || !strtab) return [];
  const [table, strings] = [contents(symtab), contents(strtab)];
  const wideSection = sections.find((section) => section.type === SHT_SYMTAB_SHNDX && section.link === symtab.index);
  const wide = wideSection && contents(wideSection);
  const symbols: ElfSymbol[] = [];
  for (let index = 0; (index + 1) * SYM_SIZE <= table.length; index++) {
    const at = index * SYM_SIZE;
    const info = table.readUInt8(at + 4);
    if (type !== undefined && (info & 15) !== type) continue;
    let section = table.readUInt16LE(at + 6);
    if (section === SHN_XINDEX && wide) section = wide.readUInt32LE(index * 4);
    symbols.push({
      index,
      name: cString(strings, table.readUInt32LE(at)),
      value: Number(table.readBigUInt64LE(at + 8)),
      size: Number(table.readBigUInt64LE(at + 16)),
      type: info & 15,
      bind: info >> 4,
      section,
    });
  }
  return symbols;
}

/** The GNU build-id in hex, if there is one. */
export function buildId(
  sections: readonly ElfSection[],
  contents: (section: ElfSection) => Buffer,
): string | undefined {
  for (const section of sections) {
    if (section.type !== SHT_NOTE) continue;
    const note = contents(section);
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
