// SPDX-License-Identifier: MIT
// The kernel with one driver: configuration found and checked, driver compiled, kernel side joined.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseFragment, baseKey, ensureBase } from './base.js';
import { type Unmet, unmetDependencies, usage } from '../errors.js';
import { hashOf } from '../common/hash.js';
import { withLock } from '../common/lock.js';
import { type Kconfig, readKernelKconfig } from '../kconfig/parse.js';
import { type Config, explain, formatConfig, parseConfig, solve } from '../kconfig/solve.js';
import { Kbuild, type Toolchain } from './kbuild.js';
import { makeKernelPart } from '../link/kernel-part.js';
import { compileModules } from '../module/compile.js';
import { moduleFiles } from '../module/files.js';
import { outsideHash, rememberOutside, workDir } from '../module/outside.js';
import type { Overlay } from './overlay.js';
import type { OnProgress } from '../common/progress.js';
import type { Driver } from '../target/resolve.js';
import type { KernelSource } from '../source/source.js';
import { ensureTree, findTree, isPartial, openTree, overlayChanges, type Tree } from './tree.js';

export const LINKER_SCRIPT = 'arch/dde/kernel/dde.lds';
/** Written into a tree: what was switched on for the driver. */
export const KCONFIG_FILE = 'dde-kconfig.json';

export interface DriverRequest {
  readonly driver: Driver;
  /** `CONFIG_X=value` of the user. */
  readonly config: readonly string[];
  readonly source: KernelSource;
  readonly toolchain: Toolchain;
  readonly overlay: Overlay;
  readonly onProgress: OnProgress;
}

/** Content of the modules of runtime/build (`folder/name`) that shape a result: their edit makes old results stale. */
export async function codeHash(names: readonly string[]): Promise<string> {
  const here = fileURLToPath(import.meta.url);
  const extension = extname(here);
  const folder = dirname(dirname(here));
  return hashOf(...(await Promise.all([...names].sort().map((name) => readFile(join(folder, `${name}${extension}`))))));
}

const CODE = [
  'kbuild/driver-tree',
  'kbuild/objects',
  'link/elf',
  'link/instrument',
  'link/kernel-part',
  'link/relocations',
  'link/thunks',
  'link/module-object',
  'link/missing',
  'module/compile',
  'module/files',
  'module/make',
  'module/mirror',
];

interface Keys {
  readonly tree: string;
  readonly config: string;
}

export async function driverKeys(request: DriverRequest): Promise<Keys> {
  const { driver, config, toolchain, overlay } = request;
  const fragment = await baseFragment();
  const parts = [
    fragment,
    driver.name,
    driver.fragment,
    ...driver.symbols,
    '',
    ...driver.modules,
    '',
    ...config,
  ];
  const configHash = hashOf(...parts, driver.outOfTree ?? '', String(driver.anyOf), await codeHash(CODE));
  const files = driver.outOfTree ? await moduleFiles(driver.outOfTree) : [];
  const outside = driver.outOfTree ? await outsideHash(workDir(driver.outOfTree, configHash, toolchain.lineage)) : '';
  const content = hashOf(...files.flatMap((f) => [f.path, f.hash]), outside);
  return {
    tree: `drv-${hashOf(baseKey(toolchain, overlay, fragment), configHash, content)}`,
    config: configHash,
  };
}

/** `CONFIG_X=y` of the command line; `=m` is for an out-of-tree module's own Makefile. */
export function userConfig(config: readonly string[]): {
  kernel: Map<string, string>;
  module: Record<string, string>;
} {
  const kernel = new Map<string, string>();
  const module: Record<string, string> = {};
  const pattern = /^(CONFIG_(\w+))=(.+)$/;
  const wrong = config.filter((item) => !pattern.test(item));
  if (wrong.length > 0)
    throw usage(wrong.map((item) => `--config '${item}': expected CONFIG_NAME or CONFIG_NAME=value`).join('\n'));
  for (const item of config) {
    const match = pattern.exec(item);
    if (!match?.[1] || !match[2] || !match[3]) continue;
    if (match[3] === 'm') module[match[1]] = 'm';
    else kernel.set(match[2], match[3]);
  }
  return { kernel, module };
}

/**
 * The symbols to switch on, and the assignments that do it.
 * @throws BuildError that names all that cannot be
 */
export function solveDriver(
  kconfig: Kconfig,
  base: Config,
  driver: Pick<Driver, 'name' | 'symbols' | 'fragment' | 'anyOf'>,
  config: readonly string[],
): { readonly possible: readonly string[]; readonly assignments: Config } {
  const own = userConfig(config).kernel;
  const preset = parseConfig(driver.fragment);
  for (const [name, value] of own) preset.set(name, value);
  const wanted = [
    ...driver.symbols,
    ...[...preset].filter(([, value]) => value === 'y').map(([name]) => name),
  ];
  const possible: string[] = [];
  const unmet: Unmet[] = [...own.keys()]
    .filter((symbol) => !kconfig.entries.has(symbol) && !wanted.includes(symbol))
    .map((symbol) => ({ symbol, why: explain(kconfig, () => '', symbol) }));
  let reason = '';
  for (const name of wanted) {
    const alone = solve(kconfig, base, [name], preset);
    if (alone.reason === undefined) possible.push(name);
    else if (driver.anyOf && !own.has(name)) reason = alone.reason;
    else unmet.push({ symbol: name, why: alone.reason });
  }
  if (unmet.length > 0) throw unmetDependencies(unmet);
  if (possible.length === 0 && wanted[0]) throw unmetDependencies([{ symbol: wanted[0], why: reason }]);
  const solution = solve(kconfig, base, possible, preset);
  if (solution.reason !== undefined)
    throw unmetDependencies([{ symbol: driver.name.toUpperCase(), why: solution.reason }]);
  return { possible, assignments: solution.assignments };
}

/** Switches the driver on and checks that Kconfig agreed. Returns the symbols that are set for it. */
async function configureDriver(kbuild: Kbuild, tree: string, request: DriverRequest): Promise<string[]> {
  const { driver, config } = request;
  if (driver.symbols.length === 0 && parseConfig(driver.fragment).size === 0 && userConfig(config).kernel.size === 0)
    return [];
  const kconfig = readKernelKconfig(tree);
  const { possible, assignments } = solveDriver(kconfig, await kbuild.readConfig(), driver, config);
  const after = await kbuild.configure(formatConfig(assignments));
  const value = (name: string): string => (after.get(name) ?? 'n').replace(/^"|"$/g, '');
  const stuck = possible.filter((name) => value(name) === 'y');
  const failed = possible.filter((name) => value(name) !== 'y' && !(driver.anyOf && stuck.length > 0));
  if (failed.length > 0)
    throw unmetDependencies(failed.map((symbol) => ({ symbol, why: explain(kconfig, value, symbol) })));
  return [...assignments.keys()].filter((name) => value(name) === 'y').map((name) => `CONFIG_${name}`);
}

/** An edit of .c files leaves the driver's objects alone; then the driver's last tree is the best start. */
async function previous(request: DriverRequest, config: string): Promise<Tree | undefined> {
  // A half-done tree is welcome too, but not one whose configuration failed.
  const fits = (tree: Tree): boolean =>
    tree.meta.kind === 'driver' && tree.meta.config === config && existsSync(join(tree.dir, KCONFIG_FILE));
  const { lineage } = request.toolchain;
  const tree =
    (await findTree(lineage, (t) => fits(t) && !isPartial(t))) ?? (await findTree(lineage, (t) => fits(t)));
  if (!tree) return undefined;
  const heavy = overlayChanges(tree.meta, request.overlay).filter((path) => !/\.([cS]|txt)$/.test(path));
  return heavy.length === 0 ? tree : undefined;
}

/** Folders of the tree that hold the C files in which `old` differs. */
function changedFolders(old: Tree, overlay: Overlay): string[] {
  const sources = overlayChanges(old.meta, overlay).filter(
    (path) => /\.[cS]$/.test(path) && !path.endsWith('.lds.S'),
  );
  return [...new Set(sources.map((path) => dirname(join('arch/dde', path))))];
}

export async function ensureDriverTree(request: DriverRequest, keys: Keys): Promise<Tree> {
  const ready = await openTree(keys.tree);
  if (ready) return ready;
  const { driver, source, toolchain, overlay, onProgress } = request;
  const old = await previous(request, keys.config);
  const from = old ?? (await ensureBase(source, toolchain, overlay, onProgress));
  return ensureTree({
    key: keys.tree,
    source,
    overlay,
    from,
    meta: { kind: 'driver', lineage: toolchain.lineage, config: keys.config },
    onProgress,
    fill: async (tree) => {
      onProgress({ type: 'step', text: `compiling ${driver.name} for Linux ${source.version}` });
      const options = { tree, cc: toolchain.cc, what: driver.name, onProgress };
      const kbuild = new Kbuild(source, options);
      let configured = false;
      if (!old) {
        const kconfig = await configureDriver(kbuild, tree, request);
        configured = kconfig.length > 0;
        await writeFile(join(tree, KCONFIG_FILE), JSON.stringify(kconfig));
      }
      if (old && !isPartial(old)) await kbuild.compileFolders(changedFolders(old, overlay));
      // A module that wants no option of Linux: the base is all there is, and is compiled.
      else if (old || configured || driver.outOfTree === undefined) await kbuild.compile();
      await kbuild.linkerScript(LINKER_SCRIPT);
      const part = { tree, source, modules: driver.modules, what: driver.name, instrumented: toolchain.instrumented };
      if (driver.outOfTree === undefined) {
        onProgress({ type: 'step', text: 'joining the kernel side' });
        await makeKernelPart(part);
        return kbuild.compiled;
      }
      const from = driver.outOfTree;
      const work = workDir(from, keys.config, toolchain.lineage);
      await withLock(`${work}.lock`, async () => {
        const variables = userConfig(request.config).module;
        const built = await compileModules(kbuild, { from, work, version: source.version, variables });
        onProgress({ type: 'step', text: 'joining the kernel side' });
        await makeKernelPart({ ...part, built: built.modules });
        await rememberOutside(work, built.outside);
      });
      return kbuild.compiled;
    },
  });
}
