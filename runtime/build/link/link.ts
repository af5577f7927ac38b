// SPDX-License-Identifier: MIT
// The final link: kernel side, host library and tracer become one executable at fixed addresses.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Elf, parseElf } from './elf.js';
import { linkFailed, missingSymbols } from '../errors.js';
import { type KernelPart, MISSING_PREFIX } from './kernel-part.js';
import { run } from '../common/proc.js';
import {
  ENTRY_ANCHOR,
  ENTRY_SECTION,
  ENTRY_SIZE,
  entryTableSource,
  findSites,
  joinNops,
  patchableFunctions,
  placeDriverText,
  type Site,
} from '../describe/sites.js';

export interface LinkRequest {
  /** Folder that gets `driver`; also the work folder. */
  readonly dir: string;
  readonly kernelObject: string;
  readonly linkerScript: string;
  readonly libraries: readonly string[];
  readonly part: KernelPart;
  /** How many function entries the last link of this kernel side had. */
  readonly guess: number;
  readonly what: string;
}

export interface Linked {
  readonly elf: Elf;
  readonly sites: readonly Site[];
  readonly entries: number;
}

/** Below this everything must lie: the DMA arena starts here. */
const ARENA = 0x60000000;

async function linkOnce(request: LinkRequest, entries: number): Promise<void> {
  const { dir, what } = request;
  await writeFile(join(dir, 'entries.S'), entryTableSource(entries));
  const args = ['-no-pie', '-o', 'driver', 'entries.S', request.kernelObject, '-Wl,--start-group'];
  args.push(
    ...request.libraries,
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
    .map((name) => `${name.slice(MISSING_PREFIX.length)} (used by the driver or by Linux with the options that are set)`);
  if (missing.length > 0) throw missingSymbols(what, missing);
  throw linkFailed(what, result.output);
}

/** Undefined names of a failed link, each once, for a short message. */
export function undefinedNames(output: string): string[] {
  return [
    ...new Set([...output.matchAll(/undefined reference to `([^']+)'/g)].map((m) => m[1] ?? '')),
  ].sort();
}

export async function linkDriver(request: LinkRequest): Promise<Linked> {
  const file = join(request.dir, 'driver');
  let entries = request.guess;
  for (let pass = 0; pass < 3; pass++) {
    await linkOnce(request, entries);
    const elf = parseElf(await readFile(file), file);
    const functions = patchableFunctions(elf);
    if (functions.length !== entries) {
      // The table's size was a guess; what the linker keeps does not depend on it, so the second link fits.
      entries = functions.length;
      continue;
    }
    const map = await readFile(join(request.dir, 'driver.map'), 'utf8');
    // A build without instrumentation.
    if (entries === 0) {
      placeDriverText(elf, map);
      await writeFile(file, elf.bytes);
      return { elf, sites: findSites(elf, request.part, map), entries };
    }
    const table = elf.sections.find((s) => s.name === ENTRY_SECTION);
    const start = elf.symbols.find((s) => s.name === `__start_${ENTRY_SECTION}`)?.value ?? table?.addr;
    const home = elf.sections.find(
      (s) => start !== undefined && start >= s.addr && start < s.addr + s.size && s.type !== 8,
    );
    if (start === undefined || !home) throw linkFailed(request.what, `the linker dropped ${ENTRY_SECTION}`);
    const at = home.offset + (start - home.addr);
    for (const [i, fn] of functions.entries()) {
      elf.bytes.writeBigUInt64LE(BigInt(fn.value), at + i * ENTRY_SIZE);
    }
    const top = Math.max(...elf.sections.filter((s) => (s.flags & 2n) !== 0n).map((s) => s.addr + s.size));
    if (top >= ARENA)
      throw linkFailed(request.what, `the executable ends at 0x${top.toString(16)}, in the DMA arena`);
    placeDriverText(elf, map);
    const sites = findSites(elf, request.part, map);
    joinNops(elf, functions);
    await writeFile(file, elf.bytes);
    return { elf, sites, entries };
  }
  throw linkFailed(request.what, 'the number of function entries does not settle');
}
