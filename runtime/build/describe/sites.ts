// SPDX-License-Identifier: MIT
// The sites that can be traced, numbered as the run-time table: API thunks first, then function entries by address.
import { type ElfSymbol, type ElfSection, SHT_NOBITS, STT_FUNC } from '../../../tracer/elf/elf.js';
import type { Elf } from '../link/elf.js';
import { THUNK_PREFIX } from '../link/instrument.js';
import type { Site } from './forms.js';
import type { KernelPart } from '../link/kernel-part.js';
import { GUARD_JUMP, GUARD_PREFIX } from '../link/thunks.js';

export const ENTRY_SECTION = '__patchable_function_entries';
export const ENTRY_SIZE = 8;
/** Keeps the table. */
export const ENTRY_ANCHOR = 'dde_entries_anchor';
const NOPS = Buffer.from([0x90, 0x90, 0x90, 0x90, 0x90]);
const NOP5 = Buffer.from([0x0f, 0x1f, 0x44, 0x00, 0x00]);

function fileOffset(elf: Elf, addr: number): number | undefined {
  const section = elf.sections.find(
    (s) => s.addr !== 0 && addr >= s.addr && addr < s.addr + s.size && s.type !== SHT_NOBITS,
  );
  return section && section.offset + (addr - section.addr);
}

/** Functions of the executable that start with the five one-byte nops of -fpatchable-function-entry=5, by address. */
export function patchableFunctions(elf: Elf): ElfSymbol[] {
  const byAddress = new Map<number, ElfSymbol>();
  for (const symbol of elf.symbols) {
    if (symbol.type !== STT_FUNC || symbol.section === 0 || symbol.size < NOPS.length) continue;
    const section = elf.sections[symbol.section];
    if (!section || section.type === SHT_NOBITS) continue;
    const at = section.offset + (symbol.value - section.addr);
    if (elf.bytes.compare(NOPS, 0, NOPS.length, at, at + NOPS.length) !== 0) continue;
    // Aliases: the first name stays, weak ones (bind 2) give way.
    const known = byAddress.get(symbol.value);
    if (!known || (known.bind === 2 && symbol.bind !== 2)) byAddress.set(symbol.value, symbol);
  }
  return [...byAddress.values()].sort((a, b) => a.value - b.value);
}

/** Makes one nop of five, as the patcher does when it switches a site off: every call of a function that nobody traces passes them. */
export function joinNops(elf: Elf, functions: readonly ElfSymbol[]): void {
  for (const { section, value } of functions) {
    const { offset, addr } = elf.sections[section] as ElfSection;
    NOP5.copy(elf.bytes, offset + (value - addr));
  }
}

/** Address ranges of the driver's text sections, with the driver object's number, out of the linker's map. */
export function driverRanges(map: string): { start: number; end: number; object: number }[] {
  const ranges: { start: number; end: number; object: number }[] = [];
  // The first part of a map lists what was discarded.
  const used = map.slice(Math.max(0, map.indexOf('Linker script and memory map')));
  for (const match of used.matchAll(/^ \.text\.dde_driver\.(\d+)\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)/gm)) {
    const start = Number.parseInt(match[2] ?? '', 16);
    const size = Number.parseInt(match[3] ?? '', 16);
    if (start !== 0 && size !== 0) ranges.push({ start, end: start + size, object: Number(match[1]) });
  }
  return ranges.sort((a, b) => a.start - b.start);
}

/** Where the 5-byte jump at an address goes; undefined when there is none. */
function jumpAt(elf: Elf, addr: number): number | undefined {
  const at = fileOffset(elf, addr);
  if (at === undefined || elf.bytes[at] !== 0xe9) return undefined;
  return addr + 5 + elf.bytes.readInt32LE(at + 1);
}

function apiSites(elf: Elf, part: KernelPart): Site[] {
  const address = new Map<string, number>();
  const guards = new Set<number>();
  const wanted = new Set(part.apiSymbols);
  for (const symbol of elf.symbols) {
    if (symbol.name.startsWith(THUNK_PREFIX)) address.set(symbol.name, symbol.value);
    if (symbol.name.startsWith(GUARD_PREFIX)) guards.add(symbol.value);
  }
  const sites: Site[] = [];
  for (const name of wanted) {
    const addr = address.get(THUNK_PREFIX + name);
    if (addr === undefined) continue;
    const to = jumpAt(elf, addr);
    if (to === undefined) continue;
    const target = guards.has(to) ? (jumpAt(elf, to + GUARD_JUMP) ?? to) : to;
    sites.push({ i: sites.length, kind: 'api', name, addr, target });
  }
  return sites;
}

export function findSites(elf: Elf, part: KernelPart, map: string): Site[] {
  const sites = apiSites(elf, part);
  const ranges = driverRanges(map);
  // .init.text and .exit.text keep their section names, so their functions are known by name.
  const special = new Map<string, number>();
  part.driverObjects.forEach((object, n) => {
    for (const name of object.functions) special.set(name, special.has(name) ? -1 : n);
  });
  const entryText = new Set(
    elf.sections.filter((s) => /^\.(init|exit|ref)\.text|^\.text$/.test(s.name)).map((s) => s.index),
  );
  let next = 0;
  for (const fn of patchableFunctions(elf)) {
    while (ranges[next] && fn.value >= (ranges[next]?.end ?? 0)) next++;
    const range = ranges[next];
    let object = range && fn.value >= range.start ? range.object : undefined;
    if (object === undefined && entryText.has(fn.section) && /_(init|exit)(_module)?$|^(init|cleanup)_/.test(fn.name)) {
      const named = special.get(fn.name);
      if (named !== undefined && named >= 0) object = named;
    }
    const base = { i: sites.length, name: fn.name, addr: fn.value };
    const driver = object === undefined ? undefined : part.driverObjects[object];
    if (!driver) sites.push({ ...base, kind: 'core' });
    else
      sites.push({
        ...base,
        kind: 'driver',
        callback: driver.callbacks.includes(fn.name),
        file: driver.file,
      });
  }
  return sites;
}

/** Reserves the table: its content is written into the finished executable. */
export function entryTableSource(count: number): string {
  return [
    '# Generated. The addresses are written after the link.',
    // The linker wants each such section tied to one of code, and drops both together.
    '\t.section .text.dde_entries, "ax", @progbits',
    `\t.globl ${ENTRY_ANCHOR}`,
    `${ENTRY_ANCHOR}:`,
    `\t.section ${ENTRY_SECTION}, "awo", @progbits, ${ENTRY_ANCHOR}`,
    '\t.balign 8',
    `\t.zero ${count * ENTRY_SIZE}`,
    '\t.data',
    '\t.balign 8',
    `\t.globl ${DRIVER_TEXT}`,
    `${DRIVER_TEXT}:`,
    `\t.zero ${DRIVER_RANGES * 16}`,
    '\t.section .note.GNU-stack, "", @progbits',
    '',
  ].join('\n');
}

/** The driver's text for arch/dde/check/guard.c: {start, end} pairs, ended by zeros. */
const DRIVER_TEXT = 'dde_driver_text';
const DRIVER_RANGES = 16;
/** Less than this between two sections is padding of the linker. */
const PADDING = 64;

/** Writes the driver's ranges into the executable; the smallest holes are closed when there are too many. */
export function placeDriverText(elf: Elf, map: string): void {
  const symbol = elf.symbols.find((s) => s.name === DRIVER_TEXT);
  const at = symbol && fileOffset(elf, symbol.value);
  if (at === undefined) return;
  const all = driverRanges(map);
  let merged: { start: number; end: number }[] = [];
  for (let hole = PADDING; ; hole *= 4) {
    merged = [];
    for (const { start, end } of all) {
      const last = merged.at(-1);
      if (last !== undefined && start - last.end < hole) last.end = end;
      else merged.push({ start, end });
    }
    if (merged.length < DRIVER_RANGES) break;
  }
  for (const [i, { start, end }] of merged.entries()) {
    elf.bytes.writeBigUInt64LE(BigInt(start), at + i * 16);
    elf.bytes.writeBigUInt64LE(BigInt(end), at + i * 16 + 8);
  }
}
