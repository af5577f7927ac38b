// SPDX-License-Identifier: MIT
// Makes the linked copy of a driver's object: calls of kernel functions are turned to their thunks, and text sections get
// names that tell them from the core's. Machine code is not touched, nor is the object that Kbuild made.
import { type Elf, readRelocations, SHF_EXECINSTR, SHN_UNDEF, SHT_SYMTAB, SYM_SIZE } from './elf.js';
import { isBranch, loadedRelocations } from './relocations.js';

export const THUNK_PREFIX = '__ddethunk_';
const ST_INFO_GLOBAL_NOTYPE = 0x10;
const SH_NAME = 0;
const SH_OFFSET = 24;
const SH_SIZE = 32;

/** `.text.foo` of the driver's third object becomes `.text.dde_driver.3.foo`: unique, and still matched by `.text.*`. */
export function driverSectionName(name: string, object: number): string | undefined {
  if (name !== '.text' && !name.startsWith('.text.')) return undefined;
  return `.text.dde_driver.${object}${name.slice('.text'.length)}`;
}

class StringTable {
  readonly parts: Uint8Array[];
  size: number;

  constructor(start: Buffer) {
    this.parts = [start];
    this.size = start.length;
  }

  add(text: string): number {
    const at = this.size;
    const bytes = Buffer.from(`${text}\0`, 'latin1');
    this.parts.push(bytes);
    this.size += bytes.length;
    return at;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

function newSymbol(nameAt: number): Buffer {
  const symbol = Buffer.alloc(SYM_SIZE);
  symbol.writeUInt32LE(nameAt, 0);
  symbol.writeUInt8(ST_INFO_GLOBAL_NOTYPE, 4);
  symbol.writeUInt16LE(SHN_UNDEF, 6);
  return symbol;
}

/**
 * `thunked`: the functions that have a thunk; `object`: this object's number in the driver; `ending`: those of them whose address is
 * replaced, too, as a driver may hand them to devm_add_action() or name them as its remove.
 */
export function instrumentObject(
  elf: Elf,
  thunked: ReadonlySet<string>,
  object: number,
  ending: ReadonlySet<string> = new Set(),
): Buffer {
  const body = Buffer.from(elf.bytes);
  const symtab = elf.sections.find((s) => s.type === SHT_SYMTAB);
  const strtab = symtab && elf.sections[symtab.link];
  const shstrtab = elf.sections[elf.sectionNames];
  if (!symtab || !strtab || !shstrtab) return body;

  const slice = (s: { offset: number; size: number }): Buffer =>
    elf.bytes.subarray(s.offset, s.offset + s.size);
  const symbols: Uint8Array[] = [slice(symtab)];
  let symbolCount = symtab.size / SYM_SIZE;
  // The section names may share one table with the symbols' names.
  const strings = new StringTable(slice(strtab));
  const names = strtab === shstrtab ? strings : new StringTable(slice(shstrtab));

  const thunkSymbol = new Map<number, number>();
  for (const { section, table } of loadedRelocations(elf)) {
    for (const relocation of readRelocations(elf, table)) {
      const target = elf.symbols[relocation.symbol];
      if (target?.section !== SHN_UNDEF || !thunked.has(target.name)) continue;
      if (!isBranch(elf, section, relocation) && !ending.has(target.name)) continue;
      let index = thunkSymbol.get(target.index);
      if (index === undefined) {
        index = symbolCount++;
        thunkSymbol.set(target.index, index);
        symbols.push(newSymbol(strings.add(THUNK_PREFIX + target.name)));
      }
      body.writeUInt32LE(index, relocation.at + 12);
    }
  }
  for (const section of elf.sections) {
    const name = (section.flags & SHF_EXECINSTR) === 0n ? undefined : driverSectionName(section.name, object);
    if (name !== undefined)
      body.writeUInt32LE(names.add(name), elf.sectionHeaders + section.index * 64 + SH_NAME);
  }

  const out: Uint8Array[] = [body];
  let end = body.length;
  const place = (index: number, bytes: Buffer): void => {
    const padding = (8 - (end % 8)) % 8;
    out.push(Buffer.alloc(padding), bytes);
    const header = elf.sectionHeaders + index * 64;
    body.writeBigUInt64LE(BigInt(end + padding), header + SH_OFFSET);
    body.writeBigUInt64LE(BigInt(bytes.length), header + SH_SIZE);
    end += padding + bytes.length;
  };
  place(symtab.index, Buffer.concat(symbols));
  place(strtab.index, strings.bytes());
  if (names !== strings) place(shstrtab.index, names.bytes());
  return Buffer.concat(out);
}
