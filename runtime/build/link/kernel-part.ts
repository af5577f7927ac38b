// SPDX-License-Identifier: MIT
// The kernel side of an executable: driver and core joined into one relocatable object in which nothing is global but the
// names that arch/dde exports, so that the kernel's memcpy and glibc's do not meet.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Elf, parseElf, readRelocations, STB_LOCAL, STT_FUNC } from './elf.js';
import { linkFailed, noObjects } from '../errors.js';
import { sha256File } from '../common/hash.js';
import { instrumentObject } from './instrument.js';
import {
  archiveMembers,
  definedFunctions,
  isDriverObject,
  type KernelObject,
  readObject,
} from '../kbuild/objects.js';
import { run } from '../common/proc.js';
import { addressTaken } from './relocations.js';
import { apiFunctions, readGuards, thunkSource } from './thunks.js';

export interface DriverObject {
  readonly path: string;
  /** The C file, relative to the kernel tree. */
  readonly file: string;
  readonly functions: readonly string[];
  readonly callbacks: readonly string[];
}

/** What the final link and the manifest need to know; kept beside kernel.o. */
export interface KernelPart {
  readonly driverObjects: readonly DriverObject[];
  readonly apiSymbols: readonly string[];
  readonly sources: readonly { readonly path: string; readonly sha256: string }[];
}

export const PART_DIR = 'link';

async function checked(what: string, command: string, args: readonly string[], cwd: string): Promise<void> {
  const result = await run(command, args, { cwd });
  if (result.code !== 0) throw linkFailed(what, result.output);
}

function functionsOf(elf: Elf): string[] {
  return elf.symbols.filter((s) => s.type === STT_FUNC && s.section !== 0).map((s) => s.name);
}

async function hashSources(tree: string, objects: readonly KernelObject[]): Promise<KernelPart['sources']> {
  const paths = [...new Set(objects.flatMap((o) => o.sources))].sort();
  // arch/dde is ours, and the module of an out-of-tree build is the user's.
  const kernel = paths.filter((path) => !/^(arch\/dde|dde-module|obj)\//.test(path));
  return Promise.all(kernel.map(async (path) => ({ path, sha256: await sha256File(join(tree, path)) })));
}

/** Symbols the driver needs from outside itself. */
function undefinedOf(elfs: readonly Elf[]): Set<string> {
  const defined = new Set<string>();
  const wanted = new Set<string>();
  for (const symbol of elfs.flatMap((elf) => elf.symbols)) {
    if (symbol.bind === STB_LOCAL || symbol.name === '') continue;
    (symbol.section === 0 ? wanted : defined).add(symbol.name);
  }
  return new Set([...wanted].filter((name) => !defined.has(name)));
}

export async function makeKernelPart(
  tree: string,
  modules: readonly string[],
  what: string,
  instrumented: boolean,
): Promise<KernelPart> {
  const obj = join(tree, 'obj');
  const dir = join(tree, PART_DIR);
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'driver'), { recursive: true });

  const extra = existsSync(join(obj, 'dde-module/built-in.a'))
    ? await archiveMembers(obj, 'dde-module/built-in.a')
    : [];
  const libraries = ['lib/lib.a', 'arch/dde/lib/lib.a'].filter((path) => existsSync(join(obj, path)));
  const paths = [...(await archiveMembers(obj, 'vmlinux.a')), ...extra];
  const linked = await Promise.all([...new Set(paths)].map((path) => readObject(obj, path)));
  const libraryPaths = (await Promise.all(libraries.map((path) => archiveMembers(obj, path)))).flat();
  const library = await Promise.all(libraryPaths.map((path) => readObject(obj, path)));

  const driver = linked.filter((object) => isDriverObject(object, modules));
  if (driver.length === 0) throw noObjects(what);
  const elfs = await Promise.all(
    driver.map(async (o) => parseElf(await readFile(join(obj, o.path)), o.path)),
  );
  const isDriver = new Set(driver.map((o) => o.path));
  const core = [...linked, ...library].map((o) => o.path).filter((path) => !isDriver.has(path));
  await writeFile(join(dir, 'core.list'), core.join('\n'));
  const api = instrumented
    ? apiFunctions(undefinedOf(elfs), await definedFunctions(obj, `../${PART_DIR}/core.list`))
    : [];

  const thunked = new Set(api);
  const copies = new Map<string, string>();
  const driverObjects: DriverObject[] = [];
  for (const [i, object] of driver.entries()) {
    const elf = elfs[i];
    if (!elf) continue;
    const copy = `../${PART_DIR}/driver/${i}.o`;
    await writeFile(join(obj, copy), instrumentObject(elf, thunked, i));
    copies.set(object.path, copy);
    const taken = addressTaken(elf, readRelocations);
    const functions = functionsOf(elf);
    // The first file that the compiler read is the source itself.
    driverObjects.push({
      path: object.path,
      file: object.sources[0] ?? object.path,
      functions,
      callbacks: functions.filter((name) => taken.has(name)),
    });
  }
  const guards = readGuards(await readFile(join(tree, 'arch/dde/tables/guards.txt'), 'utf8'));
  await writeFile(join(dir, 'thunks.S'), thunkSource(api, guards));
  await checked('the thunks', 'gcc', ['-c', '-o', 'thunks.o', 'thunks.S'], dir);
  const inputs = linked.map((o) => copies.get(o.path) ?? o.path);
  // A file, for ld reads its @list twice.
  await writeFile(join(dir, 'all.list'), [...inputs, `../${PART_DIR}/thunks.o`, ...libraries].join('\n'));
  const hooks = (await namesIn(join(tree, 'arch/dde/tables/hooks.txt'))).map((name) => `--wrap=${name}`);
  await checked(
    'the kernel side',
    'ld',
    ['-r', ...hooks, '-o', `../${PART_DIR}/kernel0.o`, `@../${PART_DIR}/all.list`],
    obj,
  );
  await localise(tree, dir);
  const part: KernelPart = {
    driverObjects,
    apiSymbols: api,
    sources: await hashSources(tree, [...linked, ...library]),
  };
  await writeFile(join(dir, 'part.json'), JSON.stringify(part));
  return part;
}

/** One name a line, `#` begins a comment. A tree without the file has none. */
async function namesIn(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/**
 * Only exports.txt stays global. gcc 12 ties a file's whole entry table to the file's first function, so that the linker
 * could drop or keep the wrong parts of it: it is taken out here, and made anew from the finished executable (sites.ts).
 */
async function localise(tree: string, dir: string): Promise<void> {
  const names = await namesIn(join(tree, 'arch/dde/tables/exports.txt'));
  await writeFile(join(dir, 'exports'), `${[...names, 'jiffies_64'].join('\n')}\n`);
  const args = [
    '--wildcard',
    '--keep-global-symbols=exports',
    '--remove-section=__patchable_function_entries',
  ];
  await checked('the kernel side', 'objcopy', [...args, 'kernel0.o', 'kernel.o'], dir);
  await rm(join(dir, 'kernel0.o'));
}
