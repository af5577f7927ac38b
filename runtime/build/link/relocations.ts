// SPDX-License-Identifier: MIT
// What a relocation does: a call, or the taking of an address. The difference matters twice: only calls go through a thunk
// (the kernel compares function pointers, e.g. delayed_work_timer_fn), and a function whose address is taken is a callback.
import {
  type ElfSymbol,
  type ElfSection,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHT_RELA,
  STT_FUNC,
  STT_SECTION,
} from '../../../tracer/elf/elf.js';
import type { Elf, Relocation } from './elf.js';

const R_X86_64_PC32 = 2;
const R_X86_64_PLT32 = 4;
const CALL = 0xe8;
const JMP = 0xe9;

export function isBranch(elf: Elf, section: ElfSection, relocation: Relocation): boolean {
  if (relocation.type === R_X86_64_PLT32) return true;
  if (relocation.type !== R_X86_64_PC32 || (section.flags & SHF_EXECINSTR) === 0) return false;
  const opcode = elf.bytes[section.offset + relocation.offset - 1];
  // A rip-relative operand has a mod/rm byte there, and those never look like call or jmp.
  return opcode === CALL || opcode === JMP;
}

/** Sections with their relocations that end up in memory; the tracer's own tables and debug data are left out. */
export function* loadedRelocations(elf: Elf): Generator<{ section: ElfSection; table: ElfSection }> {
  for (const table of elf.sections) {
    const section = elf.sections[table.info];
    if (table.type !== SHT_RELA || !section || (section.flags & SHF_ALLOC) === 0) continue;
    if (
      /^(__patchable_function_entries|ddet_event_sites|\.eh_frame|__ksymtab|___ksymtab|__bug_table)/.test(section.name)
    )
      continue;
    yield { section, table };
  }
}

function functionsByPlace(elf: Elf): Map<string, ElfSymbol> {
  const map = new Map<string, ElfSymbol>();
  for (const symbol of elf.symbols) {
    if (symbol.type === STT_FUNC && symbol.section !== 0) map.set(`${symbol.section}:${symbol.value}`, symbol);
  }
  return map;
}

/** Names of the functions of this object whose address is taken, and of undefined symbols whose address is taken. */
export function addressTaken(elf: Elf, readRelocations: (elf: Elf, table: ElfSection) => Relocation[]): Set<string> {
  const places = functionsByPlace(elf);
  const taken = new Set<string>();
  for (const { section, table } of loadedRelocations(elf)) {
    for (const relocation of readRelocations(elf, table)) {
      if (isBranch(elf, section, relocation)) continue;
      const symbol = elf.symbols[relocation.symbol];
      if (!symbol) continue;
      if (symbol.type === STT_FUNC || symbol.section === 0) {
        taken.add(symbol.name);
      } else if (symbol.type === STT_SECTION) {
        const addend = relocation.type === R_X86_64_PC32 ? relocation.addend + 4 : relocation.addend;
        const target = places.get(`${symbol.section}:${addend}`);
        if (target) taken.add(target.name);
      }
    }
  }
  return taken;
}
