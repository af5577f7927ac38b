// SPDX-License-Identifier: MIT
// Makes the linked copy of a driver's object: calls of kernel functions are turned to their thunks, and text sections get
// names that tell them from the core's. Machine code is not touched, nor is the object that Kbuild made.
import { ElfEditor } from './edit.js';
import { SHF_EXECINSTR, SHN_UNDEF } from '../../../tracer/elf/elf.js';
import { type Elf, readRelocations } from './elf.js';
import { isBranch, loadedRelocations } from './relocations.js';

export const THUNK_PREFIX = '__ddethunk_';

/** `.text.foo` of the driver's third object becomes `.text.dde_driver.3.foo`: unique, and still matched by `.text.*`. */
export function driverSectionName(name: string, object: number): string | undefined {
  if (name !== '.text' && !name.startsWith('.text.')) return undefined;
  return `.text.dde_driver.${object}${name.slice('.text'.length)}`;
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
  const editor = ElfEditor.of(elf, body);
  if (editor === undefined) return body;
  const thunkSymbol = new Map<number, number>();
  for (const { section, table } of loadedRelocations(elf)) {
    for (const relocation of readRelocations(elf, table)) {
      const target = elf.symbols[relocation.symbol];
      if (target?.section !== SHN_UNDEF || !thunked.has(target.name)) continue;
      if (!isBranch(elf, section, relocation) && !ending.has(target.name)) continue;
      const index = thunkSymbol.get(target.index) ?? editor.addSymbol(THUNK_PREFIX + target.name);
      thunkSymbol.set(target.index, index);
      body.writeUInt32LE(index, relocation.at + 12);
    }
  }
  for (const section of elf.sections) {
    const name = (section.flags & SHF_EXECINSTR) === 0 ? undefined : driverSectionName(section.name, object);
    if (name !== undefined) editor.renameSection(section.index, name);
  }
  return Buffer.concat(editor.finish());
}
