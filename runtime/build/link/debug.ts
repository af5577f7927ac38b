// SPDX-License-Identifier: MIT
// The debug information of the core, settled once: three million references of its parts to each other (a name in .debug_str, a list in
// .debug_loclists) are what costs a linker its time, and they come to the same in each link, as long as the core's debug information is
// the first in the executable. References to code and data stay for the linker.
import type { ElfEditor } from './edit.js';
import { type ElfSection, SHT_RELA } from '../../../tracer/elf/elf.js';
import type { Elf } from './elf.js';

const R_X86_64_32 = 10;
const RELA_SIZE = 24;
const SHF_MERGE_STRINGS = 0x30;

/** Strings of a section, each once; written over the old ones. Tells where each one went. */
export function mergeStrings(bytes: Buffer): { size: number; moved: Uint32Array } {
  const moved = new Uint32Array(bytes.length);
  let slots = 1024;
  while (slots < bytes.length / 8) slots *= 2;
  // Place and length of what is kept, by hash.
  const places = new Uint32Array(slots);
  const lengths = new Uint32Array(slots);
  let size = 0;
  for (let start = 0; start < bytes.length; ) {
    let hash = 0x811c9dc5;
    let end = start;
    for (; end < bytes.length && bytes[end] !== 0; end++) hash = Math.imul(hash ^ (bytes[end] as number), 0x01000193);
    const length = Math.min(end + 1, bytes.length) - start;
    let slot = (hash ^ (hash >>> 15)) & (slots - 1);
    while (lengths[slot] !== 0 && !same(bytes, places[slot] as number, lengths[slot] as number, start, length))
      slot = (slot + 1) & (slots - 1);
    if (lengths[slot] === 0) {
      bytes.copyWithin(size, start, start + length);
      places[slot] = size;
      lengths[slot] = length;
      size += length;
    }
    const to = places[slot] as number;
    for (let i = 0; i < length; i++) moved[start + i] = to + i;
    start += length;
  }
  return { size, moved };
}

function same(bytes: Buffer, a: number, aLength: number, b: number, bLength: number): boolean {
  if (aLength !== bLength) return false;
  for (let i = 0; i < aLength; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

function isDebug(section: ElfSection | undefined): boolean {
  return section?.name.startsWith('.debug_') === true;
}

/** Edits the file's own bytes. */
export function settleDebug(elf: Elf, editor: ElfEditor): void {
  const { body } = editor;
  const moved = new Map<number, Uint32Array>();
  for (const section of elf.sections) {
    if (!isDebug(section) || (section.flags & SHF_MERGE_STRINGS) !== SHF_MERGE_STRINGS) continue;
    const merged = mergeStrings(body.subarray(section.offset, section.offset + section.size));
    moved.set(section.index, merged.moved);
    // Not merged again: its place must not change.
    editor.shrinkSection(section.index, merged.size, { flags: 0, entry: 0 });
  }
  // By symbol: the debug section it stands for, or -1.
  const home = new Int32Array(elf.symbols.length).fill(-1);
  for (const { index, section } of elf.symbols) if (isDebug(elf.sections[section])) home[index] = section;
  for (const table of elf.sections) {
    const target = elf.sections[table.info];
    if (table.type !== SHT_RELA || target === undefined || !isDebug(target)) continue;
    let kept = table.offset;
    for (let at = table.offset; at < table.offset + table.size; at += RELA_SIZE) {
      const symbol = body.readUInt32LE(at + 12);
      const section = home[symbol] ?? -1;
      if (section >= 0 && body.readUInt32LE(at + 8) === R_X86_64_32) {
        const value = (elf.symbols[symbol]?.value ?? 0) + body.readInt32LE(at + 16);
        const strings = moved.get(section);
        body.writeUInt32LE(strings ? (strings[value] ?? 0) : value, target.offset + body.readUInt32LE(at));
        continue;
      }
      if (kept !== at) body.copyWithin(kept, at, at + RELA_SIZE);
      kept += RELA_SIZE;
    }
    editor.shrinkSection(table.index, kept - table.offset);
  }
}
