// SPDX-License-Identifier: MIT
// The kernel with one driver: configuration found and checked, driver compiled.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { affectedFolders } from './affected.js';
import { baseFragment, baseKey, ensureBase } from './base.js';
import { type Unmet, unmetDependencies, usage } from '../errors.js';
import { hashOf } from '../common/hash.js';
import { type Kconfig, readKernelKconfig } from '../kconfig/parse.js';
import { type Config, explain, formatConfig, parseConfig, solve } from '../kconfig/solve.js';
import { Kbuild, type Toolchain } from './kbuild.js';
import { forgetObjects, noteObjects } from './objects.js';
import type { Overlay } from './overlay.js';
import { cacheRoot } from '../common/paths.js';
import type { OnProgress } from '../common/progress.js';
import type { Driver } from '../target/resolve.js';
import type { KernelSource } from '../source/source.js';
import { ensureTree, findTree, isPartial, openTree, overlayChanges, type Tree } from './tree.js';

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

/** What shapes a tree, beside what Kbuild does. */
const CODE = ['kbuild/affected', 'kbuild/driver-tree', 'kbuild/kbuild', 'kconfig/solve'];

/** Whether Linux itself has to be configured: a module that asks for nothing uses the tree of the core. */
function wantsOptions({ driver, config }: DriverRequest): boolean {
  return driver.symbols.length > 0 || parseConfig(driver.fragment).size > 0 || userConfig(config).kernel.size > 0;
}

interface Keys {
  readonly base: string;
  readonly tree: string;
  /** What is configured. */
  readonly config: string;
}

export async function driverKeys(request: DriverRequest): Promise<Keys> {
  const { driver, config, toolchain, overlay } = request;
  const fragment = await baseFragment();
  const base = baseKey(toolchain, overlay, fragment);
  const parts = [
    fragment,
    driver.fragment,
    ...driver.symbols,
    '',
    ...[...userConfig(config).kernel].flat(),
    String(driver.anyOf),
  ];
  const configHash = hashOf(...parts, await codeHash(CODE));
  return { base, config: configHash, tree: wantsOptions(request) ? `drv-${hashOf(base, configHash)}` : base };
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
  const wanted = [...driver.symbols, ...[...preset].filter(([, value]) => value === 'y').map(([name]) => name)];
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

/** By what programs reach the devices of a class; Kconfig drops those whose class the driver does not need. */
const WAYS_IN: Config = new Map([
  ['INPUT_EVDEV', 'y'],
  ['CAN_RAW', 'y'],
]);

/** Switches the driver on and checks that Kconfig agreed. Returns the symbols that are set for it. */
async function configureDriver(kbuild: Kbuild, tree: string, request: DriverRequest): Promise<string[]> {
  const { driver, config } = request;
  const kconfig = readKernelKconfig(tree);
  const { possible, assignments } = solveDriver(kconfig, await kbuild.readConfig(), driver, config);
  const after = await kbuild.configure(formatConfig(new Map([...WAYS_IN, ...assignments])));
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
  const tree = (await findTree(lineage, (t) => fits(t) && !isPartial(t))) ?? (await findTree(lineage, (t) => fits(t)));
  if (!tree) return undefined;
  const heavy = overlayChanges(tree.meta, request.overlay).filter((path) => !/\.([cS]|txt)$/.test(path));
  return heavy.length === 0 ? tree : undefined;
}

/** Folders of the tree that hold the C files in which `old` differs. */
function changedFolders(old: Tree, overlay: Overlay): string[] {
  const sources = overlayChanges(old.meta, overlay).filter((path) => /\.[cS]$/.test(path) && !path.endsWith('.lds.S'));
  return [...new Set(sources.map((path) => dirname(join('arch/dde', path))))];
}

/** The kernel with what the driver needs of it; for a driver of the tree with its objects. */
export async function ensureDriverTree(request: DriverRequest, keys: Keys): Promise<Tree> {
  const ready = await openTree(keys.tree);
  if (ready) return ready;
  const { driver, source, toolchain, overlay, onProgress } = request;
  if (keys.tree === keys.base) return ensureBase(source, toolchain, overlay, onProgress);
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
      const kbuild = new Kbuild(source, { tree, cc: toolchain.cc, what: driver.name, onProgress });
      const before = await kbuild.readConfig();
      if (!old) await writeFile(join(tree, KCONFIG_FILE), JSON.stringify(await configureDriver(kbuild, tree, request)));
      const obj = join(tree, 'obj');
      const cacheFile = join(cacheRoot(), 'src', `${source.id}.options.json`);
      const folders = old
        ? undefined
        : await affectedFolders({ source: source.dir, obj, before, after: await kbuild.readConfig(), cacheFile });
      if (old && !isPartial(old)) await kbuild.compileFolders(changedFolders(old, overlay));
      else if (folders) {
        await kbuild.compileFolders(folders);
        await noteObjects(tree, folders);
      } else {
        await kbuild.compile();
        await forgetObjects(tree);
      }
      return kbuild.compiled;
    },
  });
}
