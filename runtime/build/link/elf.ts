// SPDX-License-Identifier: MIT
// Objects and executables for x86-64, whole in memory: a build edits their bytes in place.
import {
  EM_X86_64,
  ElfError,
  type ElfHeader,
  type ElfSection,
  type ElfSymbol,
  readHeader,
  readSymbols,
  SHT_NOBITS,
} from '../../../tracer/elf/elf.js';
import { badElf } from '../errors.js';

const RELA_SIZE = 24;

export interface Relocation {
  /** Where the entry itself lies in the file. */
  readonly at: number;
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  readonly addend: number;
}

export interface Elf extends ElfHeader {
  readonly bytes: Buffer;
  readonly symbols: readonly ElfSymbol[];
}

/** The bytes of a section, in place. */
export const contentsOf =
  (bytes: Buffer) =>
  ({ offset, size }: ElfSection): Buffer =>
    bytes.subarray(offset, offset + size);

export function parseElf(bytes: Buffer, file: string): Elf {
  const contents = contentsOf(bytes);
  try {
    const header = readHeader({ size: bytes.length, read: (offset, size) => bytes.subarray(offset, offset + size) });
    if (header.machine !== EM_X86_64) throw badElf(file, 'not ELF for x86-64');
    const outside = header.sections.find((s) => s.type !== SHT_NOBITS && s.offset + s.size > bytes.length);
    if (outside) throw badElf(file, `section ${outside.name} at ${outside.offset} lies behind the end`);
    return { ...header, bytes, symbols: readSymbols(header.sections, contents) };
  } catch (error) {
    throw error instanceof ElfError ? badElf(file, error.message) : error;
  }
}

export function readRelocations(elf: Elf, section: ElfSection): Relocation[] {
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
