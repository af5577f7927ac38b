// SPDX-License-Identifier: MIT
// The kernel side of an executable: the core, joined once for many drivers, and what is the driver's own. In neither anything is global
// but the names that arch/dde exports, so that the kernel's memcpy and glibc's do not meet.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import {
  checked,
  type Core,
  CORE_PREFIX,
  countPatchable,
  ensureCore,
  exportedGlobals,
  hashSources,
  hookArguments,
  identities,
  MISSING_PREFIX,
  type ObjectTree,
  type Sources,
  strangeNames,
} from './core-object.js';
import { STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FUNC } from '../../../tracer/elf/elf.js';
import { type Elf, parseElf, readRelocations } from './elf.js';
import { compileCounting, type CoverageRequest } from '../kbuild/coverage.js';
import { findStubs, type Needs } from '../describe/needs.js';
import { linkFailed, missingSymbols, noObjects } from '../errors.js';
import { instrumentObject } from './instrument.js';
import {
  type Definitions,
  definitions,
  isDriverObject,
  type KernelObject,
  libraryMembers,
  readObject,
  treeObjects,
} from '../kbuild/objects.js';
import type { OnProgress } from '../common/progress.js';
import { together } from '../common/together.js';
import { includeFlags } from '../kbuild/kbuild.js';
import type { BuiltModule } from '../module/compile.js';
import type { KernelSource } from '../source/source.js';
import { describeNeeds, isLacking, missingLine } from './missing.js';
import { exportedNames, joinModule, moduleInfo } from './module-object.js';
import { addressTaken } from './relocations.js';
import { apiFunctions, endingFunctions, readGuards, thunkSource } from './thunks.js';

export interface DriverObject {
  readonly path: string;
  /** The C file, relative to the kernel tree. */
  readonly file: string;
  readonly functions: readonly string[];
  readonly callbacks: readonly string[];
}

/** What the final link and the manifest need to know. */
export interface KernelPart {
  readonly driverObjects: readonly DriverObject[];
  readonly apiSymbols: readonly string[];
  readonly sources: Sources;
  /** The kernel side, in the order of the link: the core first. */
  readonly objects: readonly string[];
  /** Functions that can be traced, at most. */
  readonly entries: number;
  /** Takes a while; the linker does not wait for it. */
  readonly needs: () => Promise<Needs>;
}

function functionsOf(elf: Elf): string[] {
  return elf.symbols.filter((s) => s.type === STT_FUNC && s.section !== 0).map((s) => s.name);
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
  readonly tree: ObjectTree;
  /** The tree of the core alone, while there is one: drivers share what is joined of its objects. */
  readonly base: ObjectTree | undefined;
  /** The tree's linker script, preprocessed. */
  readonly script: string;
  /** Gets what is made. */
  readonly dir: string;
  readonly source: KernelSource;
  /** The objects that are the driver (isDriverObject), unless `built`. */
  readonly modules: readonly string[];
  /** The modules of an out-of-tree driver, and the folder where what outlasts a build of them is kept. */
  readonly built?: readonly BuiltModule[];
  readonly work?: string;
  readonly what: string;
  readonly instrumented: boolean;
  /** Its driver's objects are to count what runs. */
  readonly coverage?: CoverageRequest;
  /** Of the code that joins cores. */
  readonly coreCode: string;
  readonly onProgress: OnProgress;
}

interface Loaded {
  readonly object: KernelObject;
  readonly elf: Elf;
}

async function load(obj: string, objects: readonly KernelObject[], coverage?: CoverageRequest): Promise<Loaded[]> {
  return Promise.all(
    objects.map(async (object, i) => {
      const path = isAbsolute(object.path) ? object.path : join(obj, object.path);
      const file = coverage === undefined ? path : await compileCounting(obj, object, i, coverage);
      return { object, elf: parseElf(await readFile(file), object.path) };
    }),
  );
}

/** A module that uses another's exports is started after it. Modules that need each other keep the makefile's order. */
export function inOrder<T>(
  items: readonly T[],
  wants: (item: T) => ReadonlySet<string>,
  gives: (item: T) => readonly string[],
): T[] {
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

/** The core of a tree: that of its base when the tree has the same objects, else one of its own without the objects `without`. */
async function coreOf(
  request: PartRequest,
  paths: readonly string[],
  without: ReadonlySet<string> = new Set(),
): Promise<Core> {
  const { tree, base, script, coreCode: code, onProgress } = request;
  if (base && without.size === 0) {
    const shared = base.obj === tree.obj ? paths : await treeObjects(base);
    const own = new Set(paths);
    const ids = await identities(base, shared);
    const here = base.obj === tree.obj || !shared.every((path) => own.has(path)) ? ids : await identities(tree, shared);
    if (shared.every((path) => own.has(path)) && String(ids) === String(here)) {
      const core = await ensureCore({ tree: base, script, paths: shared, identities: ids, code, onProgress });
      if (!core.objects.some((object) => isOwn(request, object))) return core;
    }
  }
  const linked = await Promise.all(paths.map((path) => readObject(tree.obj, path)));
  const rest = linked
    .filter((object) => !isOwn(request, object) && !without.has(object.path))
    .map((object) => object.path);
  return ensureCore({ tree, script, paths: rest, identities: await identities(tree, rest), code, onProgress });
}

function isOwn({ built, modules }: PartRequest, object: { readonly path: string; readonly module: string }): boolean {
  return built === undefined && isDriverObject(object, modules);
}

async function notIn(core: Core, obj: string, paths: readonly string[]): Promise<KernelObject[]> {
  const inCore = new Set(core.objects.map((object) => object.path));
  return Promise.all(paths.filter((path) => !inCore.has(path)).map((path) => readObject(obj, path)));
}

/** Objects of the core with a weak function in whose place one of the others' comes: they are linked where the linker sees both. */
async function overriddenObjects(core: Core, obj: string, others: readonly KernelObject[]): Promise<Set<string>> {
  const symbols = (await load(obj, others)).flatMap(({ elf }) => elf.symbols);
  const names = symbols
    .filter((s) => s.section !== 0 && s.bind === STB_GLOBAL && core.weak.has(s.name))
    .map((s) => s.name);
  return new Set(names.flatMap((name) => core.defined.home.get(name) ?? []));
}

/** What is linked beside the core: objects of the tree that it does not have, and members of lib.a that only they use. */
async function besideCore(
  obj: string,
  core: Core,
  defined: Definitions,
  others: readonly KernelObject[],
  driver: readonly Loaded[],
): Promise<KernelObject[]> {
  const library = new Set(await libraryMembers(obj));
  const rest = [...others];
  const queue = (
    await load(
      obj,
      others.filter((o) => !driver.some((d) => d.object.path === o.path)),
    )
  ).concat(driver);
  const have = new Set<string>();
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const name of undefinedOf([next.elf])) {
      const home = defined.home.get(name);
      if (home === undefined || core.globals.has(name) || !library.has(home) || have.has(home)) continue;
      have.add(home);
      const object = await readObject(obj, home);
      rest.push(object);
      queue.push(...(await load(obj, [object])));
    }
  }
  return rest;
}

/** Two definitions of a name: the linker would tell of them, did it see the core's names. */
function checkTwice(what: string, core: Core, rest: Elf): void {
  const twice = rest.symbols.filter(
    (s) => s.section !== 0 && s.bind === STB_GLOBAL && core.globals.has(s.name) && !core.weak.has(s.name),
  );
  if (twice.length > 0)
    throw linkFailed(
      what,
      twice
        .map((s) => `multiple definition of ${s.name}: Linux has one in ${core.defined.home.get(s.name)}`)
        .join('\n'),
    );
}

/** Copies of the driver's objects whose calls of the kernel go by the thunks; and what a site table says of each object. */
async function instrumentAll(
  dir: string,
  loaded: readonly Loaded[],
  thunked: ReadonlySet<string>,
  ending: ReturnType<typeof endingFunctions>,
): Promise<{ copies: Map<string, string>; driverObjects: DriverObject[] }> {
  const copies = new Map<string, string>();
  const driverObjects: DriverObject[] = [];
  for (const [i, { object, elf }] of loaded.entries()) {
    const copy = join(dir, 'objects', `${i}.o`);
    await writeFile(copy, instrumentObject(elf, thunked, i, ending));
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
  return { copies, driverObjects };
}

export async function makeKernelPart(request: PartRequest): Promise<KernelPart> {
  const { tree, dir, source, modules, built, what, instrumented } = request;
  const { obj } = tree;
  await mkdir(join(dir, 'objects'), { recursive: true });
  const paths = await treeObjects(tree);
  let core = await coreOf(request, paths);
  let others = await notIn(core, obj, paths);
  const overridden = await overriddenObjects(core, obj, others);
  if (overridden.size > 0) {
    core = await coreOf(request, paths, overridden);
    others = await notIn(core, obj, paths);
  }
  const driver = built ? built.flatMap((m) => m.objects) : others.filter((object) => isDriverObject(object, modules));
  if (driver.length === 0) throw noObjects(what);
  const loaded = await load(obj, driver, request.coverage);
  const elfs = loaded.map(({ elf }) => elf);
  const isDriver = new Set(driver.map((o) => o.path));
  const helpers = others.map((o) => o.path).filter((path) => !isDriver.has(path));
  const newMembers = (await libraryMembers(obj)).filter((path) => !core.library.includes(path));
  const defined = await withHelpers(obj, dir, core, [...helpers, ...newMembers]);
  const beside = await besideCore(obj, core, defined, others, loaded);
  const needed = built ? neededByModules(built, loaded) : undefinedOf(elfs);
  // What a driver of the tree needs, its Kconfig has switched on; what the linker drops may need more than that.
  const objects = loaded.map(({ object, elf }) => ({ file: object.sources[0] ?? object.path, elf }));
  const symbols = await describeNeeds({
    needed,
    defined,
    objects,
    source: source.dir,
    tree: tree.dir,
    kernel: `Linux ${source.version}`,
    module: built !== undefined,
  });
  const needs = async (): Promise<Needs> => ({
    symbols,
    stubs: await findStubs(
      tree.dir,
      driver.map((o) => o.sources),
    ),
  });
  if (built && symbols.some(isLacking))
    throw missingSymbols(what, symbols.filter(isLacking).map(missingLine), await needs());
  const api = instrumented ? apiFunctions(needed, defined.functions) : [];

  const guards = readGuards(await readFile(join(tree.dir, 'arch/dde/tables/guards.txt'), 'utf8'));
  const { copies, driverObjects } = await instrumentAll(dir, loaded, new Set(api), endingFunctions(guards));
  await writeFile(join(dir, 'thunks.S'), thunkSource(api, guards));
  const inputs = beside.map((o) => copies.get(o.path) ?? o.path);
  const [modulesJoined] = await together([
    built ? joinModules(built, loaded, copies, { obj, dir, work: request.work ?? dir }) : [],
    checked('the thunks', 'gcc', ['-c', '-o', 'thunks.o', 'thunks.S'], dir),
  ]);
  inputs.push(...modulesJoined);
  const rest = await joinRest(request, core, [...inputs, join(dir, 'thunks.o')]);
  checkTwice(what, core, rest);
  const sources = await hashSources(tree, [...others, ...driver], core.sources);
  return {
    driverObjects,
    apiSymbols: api,
    sources,
    objects: [core.object, join(dir, REST)],
    entries: core.entries + countPatchable(rest),
    needs,
  };
}

/** Who defines what: the core, and the objects of this tree that are neither in it nor the driver. */
async function withHelpers(obj: string, dir: string, core: Core, helpers: readonly string[]): Promise<Definitions> {
  if (helpers.length === 0) return core.defined;
  await writeFile(join(dir, 'helpers.list'), helpers.join('\n'));
  const more = await definitions(obj, join(dir, 'helpers.list'));
  const home = new Map([...core.defined.home, ...more.home]);
  return {
    functions: new Set([...core.defined.functions, ...more.functions]),
    all: new Set(home.keys()),
    exported: new Set([...core.defined.exported, ...more.exported]),
    home,
  };
}

/** Name of the file with all that is not the core. The linker script knows the kernel side by the end of its files' names. */
const REST = 'driver-kernel.o';

/** Joins what is linked beside the core, and leads its names there. Returns it as it was before that. */
async function joinRest(request: PartRequest, core: Core, inputs: readonly string[]): Promise<Elf> {
  const { tree, dir, script, what } = request;
  const joined = join(dir, 'rest.o');
  // What the core lacks, a driver's object may have.
  const wanted = new Set(core.missing);
  const elfs = await load(
    tree.obj,
    inputs.map((path) => ({ path, module: '', sources: [] })),
  );
  const given = elfs
    .flatMap(({ elf }) => elf.symbols)
    .filter((s) => s.section !== 0 && s.bind !== STB_LOCAL && wanted.has(s.name));
  const answers = [...new Set(given.map((s) => s.name))].map((name) => `--defsym=${MISSING_PREFIX}${name}=${name}`);
  await checked(what, 'ld', ['-r', ...(await hookArguments(tree)), ...answers, '-o', joined, ...inputs], tree.obj);
  const elf = parseElf(await readFile(joined), joined);
  const strange = new Set(await strangeNames(joined, script));
  const renamed: string[] = [];
  for (const name of new Set(elf.symbols.filter((s) => s.section === 0 && s.name !== '').map((s) => s.name))) {
    if (core.globals.has(name)) renamed.push(`${name} ${CORE_PREFIX}${name}`);
    else if (strange.has(name)) renamed.push(`${name} ${MISSING_PREFIX}${name}`);
  }
  await writeFile(join(dir, 'renamed'), renamed.map((line) => `${line}\n`).join(''));
  await writeFile(join(dir, 'exports'), [...(await exportedGlobals(tree)), `${MISSING_PREFIX}*`].join('\n'));
  const args = [
    '--wildcard',
    '--keep-global-symbols=exports',
    '--redefine-syms=renamed',
    '--remove-section=__patchable_function_entries',
  ];
  await checked(what, 'objcopy', [...args, 'rest.o', REST], dir);
  return elf;
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
  { obj, dir, work }: { readonly obj: string; readonly dir: string; readonly work: string },
): Promise<string[]> {
  const command = await readFile(join(obj, 'arch/dde/kernel/.setup.o.cmd'), 'utf8');
  const flags = [...includeFlags(command), '-include', '../include/linux/compiler_types.h', '-D__KERNEL__', '-O2'];
  const elfsOf = (module: BuiltModule): Elf[] =>
    module.objects.flatMap((o) => loaded.find((l) => l.object.path === o.path)?.elf ?? []);
  for (const module of built) {
    if (!moduleInfo(elfsOf(module)).has('license'))
      throw linkFailed(module.name, `ERROR: missing MODULE_LICENSE() in ${module.name}.o`);
  }
  const order = inOrder(
    built,
    (module) => undefinedOf(elfsOf(module)),
    (module) => exportedNames(elfsOf(module)),
  );
  const joined: string[] = [];
  for (const [index, module] of order.entries()) {
    const objects = module.objects.map((o) => copies.get(o.path) ?? o.path);
    joined.push(
      await joinModule({ name: module.name, index, objects, elfs: elfsOf(module) }, { obj, dir, work, flags }),
    );
  }
  return joined;
}
