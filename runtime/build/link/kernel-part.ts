// SPDX-License-Identifier: MIT
// The kernel side of an executable: driver and core joined into one relocatable object in which nothing is global but the
// names that arch/dde exports, so that the kernel's memcpy and glibc's do not meet.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type Elf, parseElf, readRelocations, STB_LOCAL, STB_WEAK, STT_FUNC } from './elf.js';
import { findStubs, type Needs } from '../describe/needs.js';
import { linkFailed, missingSymbols, noObjects } from '../errors.js';
import { sha256File } from '../common/hash.js';
import { instrumentObject } from './instrument.js';
import {
  archiveMembers,
  definitions,
  isDriverObject,
  type KernelObject,
  readObject,
} from '../kbuild/objects.js';
import { run } from '../common/proc.js';
import { includeFlags } from '../kbuild/kbuild.js';
import type { BuiltModule } from '../module/compile.js';
import type { KernelSource } from '../source/source.js';
import { describeNeeds, isLacking, missingLine } from './missing.js';
import { exportedNames, joinModule, moduleInfo } from './module-object.js';
import { addressTaken } from './relocations.js';
import { apiFunctions, C_LIBRARY, endingFunctions, readGuards, thunkSource } from './thunks.js';

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
/** What the kernel side lacks gets such a name, so that nothing of the host's can stand in for it. */
export const MISSING_PREFIX = '__dde_missing_';

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
  const kernel = paths.filter((path) => !path.startsWith('/') && !/^(arch\/dde|obj)\//.test(path));
  return Promise.all(kernel.map(async (path) => ({ path, sha256: await sha256File(join(tree, path)) })));
}

/** Symbols the driver needs from outside itself. */
function undefinedOf(elfs: readonly Elf[]): Set<string> {
  const defined = new Set<string>();
  const wanted = new Set<string>();
  for (const symbol of elfs.flatMap((elf) => elf.symbols)) {
    if (symbol.bind === STB_LOCAL || symbol.name === '') continue;
    // A weak reference may stay unresolved.
    if (symbol.section === 0 && symbol.bind === STB_WEAK) continue;
    (symbol.section === 0 ? wanted : defined).add(symbol.name);
  }
  return new Set([...wanted].filter((name) => !defined.has(name)));
}

export interface PartRequest {
  readonly tree: string;
  readonly source: KernelSource;
  /** The objects that are the driver (isDriverObject), unless `built`. */
  readonly modules: readonly string[];
  /** The modules of an out-of-tree driver. */
  readonly built?: readonly BuiltModule[];
  readonly what: string;
  readonly instrumented: boolean;
}

interface Loaded {
  readonly object: KernelObject;
  readonly elf: Elf;
}

async function load(obj: string, objects: readonly KernelObject[]): Promise<Loaded[]> {
  return Promise.all(
    objects.map(async (object) => {
      const file = isAbsolute(object.path) ? object.path : join(obj, object.path);
      return { object, elf: parseElf(await readFile(file), object.path) };
    }),
  );
}

/** A module that uses another's exports is started after it. Modules that need each other keep the makefile's order. */
export function inOrder<T>(items: readonly T[], wants: (item: T) => ReadonlySet<string>, gives: (item: T) => readonly string[]): T[] {
  const done: T[] = [];
  const visit = (item: T, trail: readonly T[]): void => {
    if (done.includes(item) || trail.includes(item)) return;
    for (const other of items) {
      if (other !== item && gives(other).some((name) => wants(item).has(name))) visit(other, [...trail, item]);
    }
    if (!done.includes(item)) done.push(item);
  };
  for (const item of items) visit(item, []);
  return done;
}

export async function makeKernelPart(request: PartRequest): Promise<KernelPart> {
  const { tree, source, modules, built, what, instrumented } = request;
  const obj = join(tree, 'obj');
  const dir = join(tree, PART_DIR);
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'driver'), { recursive: true });

  const libraries = ['lib/lib.a', 'arch/dde/lib/lib.a'].filter((path) => existsSync(join(obj, path)));
  const paths = await archiveMembers(obj, 'vmlinux.a');
  const linked = await Promise.all([...new Set(paths)].map((path) => readObject(obj, path)));
  const libraryPaths = (await Promise.all(libraries.map((path) => archiveMembers(obj, path)))).flat();
  const library = await Promise.all(libraryPaths.map((path) => readObject(obj, path)));

  const driver = built ? built.flatMap((m) => m.objects) : linked.filter((object) => isDriverObject(object, modules));
  if (driver.length === 0) throw noObjects(what);
  const loaded = await load(obj, driver);
  const elfs = loaded.map(({ elf }) => elf);
  const isDriver = new Set(driver.map((o) => o.path));
  const core = [...linked, ...library].map((o) => o.path).filter((path) => !isDriver.has(path));
  await writeFile(join(dir, 'core.list'), core.join('\n'));
  const defined = await definitions(obj, `../${PART_DIR}/core.list`);
  const needed = built ? neededByModules(built, loaded) : undefinedOf(elfs);
  // What a driver of the tree needs, its Kconfig has switched on; what the linker drops may need more than that.
  const objects = loaded.map(({ object, elf }) => ({ file: object.sources[0] ?? object.path, elf }));
  const symbols = await describeNeeds({ needed, defined, objects, source: source.dir, tree, kernel: `Linux ${source.version}`, module: built !== undefined });
  const explained = async (): Promise<Needs> => ({ symbols, stubs: await findStubs(tree, driver.map((o) => o.sources)) });
  if (built && symbols.some(isLacking)) throw missingSymbols(what, symbols.filter(isLacking).map(missingLine), await explained());
  await writeFile(join(dir, 'needs.json'), JSON.stringify(await explained()));
  const api = instrumented ? apiFunctions(needed, defined.functions) : [];

  const guards = readGuards(await readFile(join(tree, 'arch/dde/tables/guards.txt'), 'utf8'));
  const ending = endingFunctions(guards);
  const thunked = new Set(api);
  const copies = new Map<string, string>();
  const driverObjects: DriverObject[] = [];
  for (const [i, object] of driver.entries()) {
    const elf = elfs[i];
    if (!elf) continue;
    const copy = `../${PART_DIR}/driver/${i}.o`;
    await writeFile(join(obj, copy), instrumentObject(elf, thunked, i, ending));
    copies.set(object.path, copy);
    const taken = addressTaken(elf, readRelocations);
    const functions = functionsOf(elf);
    // The first file that the compiler read is the source itself.
    driverObjects.push({
      path: object.shown ?? object.path,
      file: object.sources[0] ?? object.path,
      functions,
      callbacks: functions.filter((name) => taken.has(name)),
    });
  }
  await writeFile(join(dir, 'thunks.S'), thunkSource(api, guards));
  await checked('the thunks', 'gcc', ['-c', '-o', 'thunks.o', 'thunks.S'], dir);
  const inputs = linked.map((o) => copies.get(o.path) ?? o.path);
  if (built) inputs.push(...(await joinModules(built, loaded, copies, obj, dir)));
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
    sources: await hashSources(tree, [...linked, ...library, ...driver]),
  };
  await writeFile(join(dir, 'part.json'), JSON.stringify(part));
  return part;
}

/** What modules need from outside; what one exports the others may use. */
function neededByModules(built: readonly BuiltModule[], loaded: readonly Loaded[]): Set<string> {
  const given = new Set(['__this_module', ...exportedNames(loaded.map(({ elf }) => elf))]);
  const needed = new Set<string>();
  for (const module of built) {
    const own = loaded.filter(({ object }) => module.objects.some((o) => o.path === object.path));
    for (const name of undefinedOf(own.map(({ elf }) => elf))) if (!given.has(name)) needed.add(name);
  }
  return needed;
}

/** One object a module, in the order in which they are started. */
async function joinModules(
  built: readonly BuiltModule[],
  loaded: readonly Loaded[],
  copies: ReadonlyMap<string, string>,
  obj: string,
  dir: string,
): Promise<string[]> {
  const command = await readFile(join(obj, 'arch/dde/kernel/.setup.o.cmd'), 'utf8');
  const flags = [...includeFlags(command), '-include', '../include/linux/compiler_types.h', '-D__KERNEL__', '-O2'];
  const elfsOf = (module: BuiltModule): Elf[] =>
    module.objects.flatMap((o) => loaded.find((l) => l.object.path === o.path)?.elf ?? []);
  for (const module of built) {
    if (!moduleInfo(elfsOf(module)).has('license')) throw linkFailed(module.name, `ERROR: missing MODULE_LICENSE() in ${module.name}.o`);
  }
  const order = inOrder(
    built,
    (module) => undefinedOf(elfsOf(module)),
    (module) => exportedNames(elfsOf(module)),
  );
  const joined: string[] = [];
  for (const [index, module] of order.entries()) {
    const objects = module.objects.map((o) => copies.get(o.path) ?? o.path);
    joined.push(await joinModule({ name: module.name, index, objects, elfs: elfsOf(module) }, obj, dir, flags));
  }
  return joined;
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
  await hideHost(tree, dir);
}

/** Names outside the linker script by which the kernel side reaches the host library. */
const SEAM = /^(ddekit_|ddet_|__start_|__stop_|dde_driver_text$)/;

/**
 * The final link has the C library in it: a function that the kernel side lacks would be found there when it has the same name
 * (`kill`, `sort`, `poll`), and be called. Only the seam, the linker script and the few functions of asm/string.h may be found outside.
 */
async function hideHost(tree: string, dir: string): Promise<void> {
  const listed = await run('nm', ['--undefined-only', '-f', 'posix', 'kernel.o'], { cwd: dir });
  if (listed.code !== 0) throw linkFailed('the kernel side', listed.output);
  const script = await readFile(join(tree, 'obj', 'arch/dde/kernel/dde.lds'), 'utf8');
  const given = new Set([...script.matchAll(/([A-Za-z_]\w*)\s*=(?!=)/g)].map((match) => match[1] ?? ''));
  const strange: string[] = [];
  for (const match of listed.stdout.matchAll(/^(\S+) U/gm)) {
    const name = match[1] ?? '';
    if (!SEAM.test(name) && !given.has(name) && !C_LIBRARY.test(name)) strange.push(name);
  }
  if (strange.length === 0) return;
  await writeFile(join(dir, 'missing'), `${strange.map((name) => `${name} ${MISSING_PREFIX}${name}`).join('\n')}\n`);
  await checked('the kernel side', 'objcopy', ['--redefine-syms=missing', 'kernel.o'], dir);
}
