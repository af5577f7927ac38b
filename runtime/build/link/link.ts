// SPDX-License-Identifier: MIT
// The final link: kernel side, host library and tracer become one executable at fixed addresses.
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CORE_PREFIX, MISSING_PREFIX } from './core-object.js';
import { type ElfSymbol, SHF_ALLOC, SHT_NOBITS, SHT_SYMTAB, SYM_SIZE } from '../../../tracer/elf/elf.js';
import { type Elf, parseElf } from './elf.js';
import { linkFailed, missingSymbols } from '../errors.js';
import type { KernelPart } from './kernel-part.js';
import { run } from '../common/proc.js';
import type { Site } from '../describe/forms.js';
import {
  ENTRY_ANCHOR,
  ENTRY_SECTION,
  ENTRY_SIZE,
  entryTableSource,
  findSites,
  joinNops,
  patchableFunctions,
  placeDriverText,
} from '../describe/sites.js';

export interface LinkRequest {
  /** Folder that gets `driver`; also the work folder. */
  readonly dir: string;
  readonly linkerScript: string;
  readonly libraries: readonly string[];
  readonly part: KernelPart;
  readonly what: string;
  /** The driver's objects count what runs: gcc's library for that is linked. */
  readonly coverage: boolean;
}

export interface Linked {
  readonly elf: Elf;
  readonly sites: readonly Site[];
}

/** Below this everything must lie: the DMA arena starts here. */
const ARENA = 0x60000000;

async function runLinker(request: LinkRequest): Promise<void> {
  const { dir, what, part } = request;
  await writeFile(join(dir, 'entries.S'), entryTableSource(part.entries));
  const args = ['-no-pie', '-o', 'driver', 'entries.S', ...part.objects, '-Wl,--start-group'];
  args.push(
    ...request.libraries,
    ...(request.coverage ? ['-lgcov', '-Wl,-u,__gcov_dump'] : []),
    '-Wl,--end-group',
    '-pthread',
    '-Wl,-u,main',
    '-Wl,-u,start_kernel',
    `-Wl,-u,${ENTRY_ANCHOR}`,
    `-Wl,-T,${request.linkerScript}`,
  );
  args.push('-Wl,--gc-sections', '-Wl,--build-id=sha1', '-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments');
  args.push('-Wl,-Map,driver.map');
  const result = await run('gcc', args, { cwd: dir });
  if (result.code === 0) return;
  const missing = undefinedNames(result.output)
    .filter((name) => name.startsWith(MISSING_PREFIX))
    .map(
      (name) => `${name.slice(MISSING_PREFIX.length)} (used by the driver or by Linux with the options that are set)`,
    );
  if (missing.length > 0) throw missingSymbols(what, missing);
  throw linkFailed(what, result.output);
}

/** Undefined names of a failed link, each once, for a short message. */
export function undefinedNames(output: string): string[] {
  return [...new Set([...output.matchAll(/undefined reference to `([^']+)'/g)].map((m) => m[1] ?? ''))].sort();
}

/** debug.ts settled the core's debug information for this. */
function checkDebug(map: string, what: string, core: string): void {
  const used = map.slice(Math.max(0, map.indexOf('Linker script and memory map')));
  for (const match of used.matchAll(/^ (\.debug_\w+)\s+0x([0-9a-f]+)\s+0x[0-9a-f]+ (\S+)/gm)) {
    const [, section, at = '', file] = match;
    if (file === core && Number.parseInt(at, 16) !== 0)
      throw linkFailed(what, `the core's ${section} is not the first`);
  }
}

/** Writes what was changed of a file's bytes: never its debug information. */
async function writeBack(file: string, elf: Elf): Promise<void> {
  const changed = elf.sections.filter(
    (s) => s.type !== SHT_NOBITS && ((s.flags & SHF_ALLOC) !== 0 || s.type === SHT_SYMTAB),
  );
  const handle = await open(file, 'r+');
  for (const { offset, size } of changed) await handle.write(elf.bytes, offset, size, offset);
  await handle.write(elf.bytes, elf.sectionHeaders, elf.sections.length * 64, elf.sectionHeaders);
  await handle.close();
}

/** Takes the names out of the symbol table that only led from one file to the other: they are not the kernel's. */
function dropAliases(elf: Elf): void {
  const table = elf.sections.find((s) => s.type === SHT_SYMTAB);
  if (!table) return;
  let to = table.offset;
  for (const { index, name } of elf.symbols) {
    if (name.startsWith(CORE_PREFIX) || name.startsWith(MISSING_PREFIX)) continue;
    const at = table.offset + index * SYM_SIZE;
    if (to !== at) elf.bytes.copyWithin(to, at, at + SYM_SIZE);
    to += SYM_SIZE;
  }
  elf.bytes.fill(0, to, table.offset + table.size);
  elf.bytes.writeBigUInt64LE(BigInt(to - table.offset), elf.sectionHeaders + table.index * 64 + 32);
}

/** Fills the table of function entries; what was reserved too much stays zero, and the tracer leaves it out. */
function placeEntries(elf: Elf, functions: readonly ElfSymbol[], what: string): void {
  const table = elf.sections.find((s) => s.name === ENTRY_SECTION);
  const start = elf.symbols.find((s) => s.name === `__start_${ENTRY_SECTION}`)?.value ?? table?.addr;
  const home = elf.sections.find(
    (s) => start !== undefined && start >= s.addr && start < s.addr + s.size && s.type !== SHT_NOBITS,
  );
  if (start === undefined || !home) throw linkFailed(what, `the linker dropped ${ENTRY_SECTION}`);
  const at = home.offset + (start - home.addr);
  for (const [i, fn] of functions.entries()) elf.bytes.writeBigUInt64LE(BigInt(fn.value), at + i * ENTRY_SIZE);
}

export async function linkDriver(request: LinkRequest): Promise<Linked> {
  const { dir, part, what } = request;
  const file = join(dir, 'driver');
  await runLinker(request);
  const [bytes, map] = await Promise.all([readFile(file), readFile(join(dir, 'driver.map'), 'utf8')]);
  const elf = parseElf(bytes, file);
  checkDebug(map, what, part.objects[0] ?? '');
  const functions = patchableFunctions(elf);
  if (functions.length > part.entries)
    throw linkFailed(what, `${functions.length} functions can be traced, ${part.entries} were expected`);
  if (functions.length > 0) placeEntries(elf, functions, what);
  const top = Math.max(...elf.sections.filter((s) => (s.flags & SHF_ALLOC) !== 0).map((s) => s.addr + s.size));
  if (top >= ARENA) throw linkFailed(what, `the executable ends at 0x${top.toString(16)}, in the DMA arena`);
  placeDriverText(elf, map);
  const sites = findSites(elf, part, map);
  joinNops(elf, functions);
  dropAliases(elf);
  await writeBack(file, elf);
  return { elf, sites };
}
