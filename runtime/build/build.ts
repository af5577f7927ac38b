// SPDX-License-Identifier: MIT
// buildDriver: from the name of a driver to an executable in the cache.
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeHash, driverKeys, ensureDriverTree, KCONFIG_FILE, userConfig } from './kbuild/driver-tree.js';
import { buildId } from '../../tracer/elf/elf.js';
import { contentsOf } from './link/elf.js';
import { diskFailure } from './errors.js';
import { hashOf } from './common/hash.js';
import { compilerEnv } from './kbuild/coverage.js';
import { ensureToolchain, Kbuild, type Toolchain } from './kbuild/kbuild.js';
import { type KernelPart, makeKernelPart } from './link/kernel-part.js';
import { ensureLibraries, librariesHash } from './link/libraries.js';
import { linkDriver } from './link/link.js';
import { withLock } from './common/lock.js';
import { type Manifest, readManifest } from './describe/manifest.js';
import { readOverlay } from './kbuild/overlay.js';
import { cacheRoot, repoRoot } from './common/paths.js';
import type { OnProgress } from './common/progress.js';
import { pruneCache } from './common/prune.js';
import { makeTemporary, removeTemporary } from './common/temporary.js';
import { together } from './common/together.js';
import { readRegisters } from './describe/registers.js';
import { type Driver, resolveDriver } from './target/resolve.js';
import { ensureSource, type KernelSource } from './source/source.js';
import { readTracepoints } from './describe/tracepoints.js';
import { openTree, type Tree } from './kbuild/tree.js';
import { compileModules } from './module/compile.js';
import { moduleFiles } from './module/files.js';
import type { Mirror } from './module/mirror.js';
import { outsideHash, rememberOutside, workDir } from './module/outside.js';

export interface BuildRequest {
  /** Sample name, CONFIG_SYMBOL, folder of the kernel tree, module name, or path of an out-of-tree module. */
  readonly driver: string;
  /** "6.1" or "6.12". */
  readonly kernel: string;
  /** `CONFIG_X=y`, on top of what the driver needs. */
  readonly config?: readonly string[];
  /** False: as if there were no tracer in it, to measure what one costs that is switched off. Default true. */
  readonly instrumented?: boolean;
  /** The driver's objects count which lines and branches run. */
  readonly coverage?: boolean;
  readonly onProgress?: OnProgress;
}

export interface BuildResult {
  readonly dir: string;
  readonly executable: string;
  readonly manifest: Manifest;
  readonly driver: Driver;
  /** Nothing had to be built. */
  readonly cached: boolean;
}

/** What shapes the core's object, and an executable. */
const CORE_CODE = ['kbuild/objects', 'link/core-object', 'link/debug', 'link/edit', 'link/elf', 'link/thunks'];
const CODE = [
  ...CORE_CODE,
  'build',
  'describe/constants',
  'describe/manifest',
  'describe/registers',
  'describe/sites',
  'describe/tracepoints',
  'kbuild/coverage',
  'link/instrument',
  'link/kernel-part',
  'link/link',
  'link/missing',
  'link/module-object',
  'link/relocations',
  'module/compile',
  'module/files',
  'module/make',
  'module/mirror',
  'module/sanitize',
];

interface Plan {
  readonly driver: Driver;
  readonly tree: Tree;
  readonly base: Tree | undefined;
  readonly source: KernelSource;
  readonly toolchain: Toolchain;
  readonly libraries: readonly string[];
  readonly config: readonly string[];
  /** The lasting folder of an out-of-tree module. */
  readonly work: string | undefined;
  readonly coverage: boolean;
  readonly onProgress: OnProgress;
}

/** For sources as the user knows them. */
function prefixesOf(source: KernelSource, mirror: Mirror | undefined): string[] {
  return [`../=${source.dir}/`, ...(mirror ? [`${mirror.dir}=${mirror.from}`] : [])];
}

/** `notes` gets gcc's notes on counters. Compiles an out-of-tree driver, and joins the kernel side in `dir`. */
async function makePart(plan: Plan, kbuild: Kbuild, script: string, dir: string, notes: string): Promise<KernelPart> {
  const { driver, tree, base, source, toolchain, onProgress, work } = plan;
  const { modules, name: what, outOfTree: from } = driver;
  const coreCode = await codeHash(CORE_CODE);
  const part = {
    tree,
    base,
    script,
    dir,
    source,
    modules,
    what,
    instrumented: toolchain.instrumented,
    coreCode,
    onProgress,
  };
  const counting = (mirror?: Mirror) =>
    plan.coverage ? { coverage: { dir: notes, env: compilerEnv(mirror), prefixes: prefixesOf(source, mirror) } } : {};
  if (from === undefined || work === undefined) return makeKernelPart({ ...part, ...counting() });
  return withLock(`${work}.lock`, async () => {
    onProgress({ type: 'step', text: `compiling ${what} for Linux ${source.version}` });
    const variables = userConfig(plan.config).module;
    const built = await compileModules(kbuild, { from, work, version: source.version, variables });
    const made = await makeKernelPart({ ...part, ...counting(built.mirror), built: built.modules, work });
    await rememberOutside(work, built.outside);
    return made;
  });
}

/** Out of the folder of the objects, which are linked. */
async function keepNotes(notes: string, coverage: boolean): Promise<void> {
  const folder = dirname(notes);
  if (!coverage) return rm(folder, { recursive: true });
  for (const name of await readdir(notes))
    if (name.endsWith('.gcno')) await rename(join(notes, name), join(folder, name));
  await rm(notes, { recursive: true });
}

async function fillBuild(temp: string, final: string, plan: Plan): Promise<void> {
  const { driver, tree, source, onProgress } = plan;
  const log = join(temp, 'build.log');
  const dir = join(temp, 'link');
  await mkdir(dir);
  const kbuild = new Kbuild(source, { tree: tree.dir, cc: plan.toolchain.cc, what: driver.name, onProgress, log });
  const linkerScript = await kbuild.linkerScript();
  // The counters' files are named by where their object was.
  const notes = join(temp, 'coverage', 'obj');
  await mkdir(notes, { recursive: true });
  const part = await makePart(plan, kbuild, linkerScript, dir, notes);
  onProgress({ type: 'step', text: `linking ${driver.name}` });
  const driverObjects = part.driverObjects.map((o) => o.path);
  const [linked, registers, needs] = await together([
    linkDriver({ dir, linkerScript, libraries: plan.libraries, part, what: driver.name, coverage: plan.coverage }),
    readRegisters(driver.outOfTree ?? source.dir, source.dir, driverObjects, driver.name),
    part.needs(),
  ]);
  const kconfig = JSON.parse(await readFile(join(tree.dir, KCONFIG_FILE), 'utf8').catch(() => '[]')) as string[];
  const manifest: Manifest = {
    formatVersion: 1,
    driver: driver.name,
    kernelSeries: source.series,
    kernelVersion: source.version,
    buildId: buildId(linked.elf.sections, contentsOf(linked.elf.bytes)) ?? '',
    executable: join(final, 'driver'),
    sourceRoot: source.dir,
    buildRoot: tree.obj,
    ...(driver.outOfTree === undefined ? {} : { outOfTree: driver.outOfTree }),
    kconfig,
    sources: [...part.sources],
    driverObjects,
    apiSymbols: [...part.apiSymbols],
    ...(plan.coverage ? { coverage: true } : {}),
    createdAt: new Date().toISOString(),
  };
  await writeFile(join(temp, 'sites.json'), JSON.stringify({ sites: linked.sites }));
  await writeFile(join(temp, 'tracepoints.json'), JSON.stringify({ tracepoints: readTracepoints(linked.elf) }));
  await writeFile(join(temp, 'registers.json'), JSON.stringify({ registers }));
  await writeFile(join(temp, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(temp, 'needs.json'), JSON.stringify(needs));
  await rename(join(dir, 'driver'), join(temp, 'driver'));
  await copyFile(join(tree.obj, '.config'), join(temp, 'config'));
  if (driver.outOfTree === undefined) await copyFile(join(tree.dir, 'build.log'), log);
  await rm(dir, { recursive: true });
  await keepNotes(notes, plan.coverage);
}

/** What a build is made of beside its kernel. */
async function ownContent(driver: Driver, config: readonly string[], work: string | undefined): Promise<string> {
  const files = driver.outOfTree === undefined ? [] : await moduleFiles(driver.outOfTree);
  const outside = work === undefined ? '' : await outsideHash(work);
  const parts = [driver.name, driver.outOfTree ?? '', ...driver.modules, '', ...config];
  return hashOf(...parts, ...files.flatMap((f) => [f.path, f.hash]), outside);
}

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return ['ENOSPC', 'EROFS', 'EDQUOT', 'EACCES', 'EIO', 'EFBIG'].includes((error as NodeJS.ErrnoException)?.code ?? '');
}

export async function buildDriver(request: BuildRequest): Promise<BuildResult> {
  const onProgress = request.onProgress ?? (() => {});
  const root = repoRoot();
  try {
    const source = await ensureSource(request.kernel, onProgress);
    const [driver, toolchain, overlay, libraries, code] = await Promise.all([
      resolveDriver(request.driver, source),
      ensureToolchain(source, request.instrumented ?? true),
      readOverlay(root),
      librariesHash(root),
      codeHash(CODE),
    ]);
    const treeRequest = { driver, config: request.config ?? [], source, toolchain, overlay, onProgress };
    const keys = await driverKeys(treeRequest);
    const { config } = treeRequest;
    const work = driver.outOfTree && workDir(driver.outOfTree, hashOf(keys.config, ...config), toolchain.lineage);
    const builds = join(cacheRoot(), 'builds');
    const coverage = request.coverage === true;
    const content = [keys.tree, await ownContent(driver, config, work), libraries, code];
    const dir = join(builds, hashOf(...content, ...(coverage ? ['coverage'] : [])));
    const cached = existsSync(dir);
    const now = new Date();
    if (cached) await utimes(dir, now, now); // its age is the time of its last use
    if (!cached) {
      const tree = await ensureDriverTree(treeRequest, keys);
      const archives = await ensureLibraries(root, libraries, onProgress);
      await withLock(
        `${dir}.lock`,
        async () => {
          if (existsSync(dir)) return;
          const base = await openTree(keys.base);
          await mkdir(builds, { recursive: true });
          const temp = await makeTemporary(join(builds, '.new-'));
          try {
            await fillBuild(temp, dir, {
              driver,
              tree,
              base,
              source,
              toolchain,
              libraries: archives,
              config,
              work,
              coverage,
              onProgress,
            });
            await chmod(temp, 0o755);
            await rename(temp, dir);
            await pruneCache(cacheRoot());
          } finally {
            await removeTemporary(temp);
          }
        },
        (pid) => onProgress({ type: 'step', text: `waiting for process ${pid}, which builds the same driver` }),
      );
    }
    const manifest = await readManifest(join(dir, 'manifest.json'));
    return { dir, executable: join(dir, 'driver'), manifest, driver, cached };
  } catch (error) {
    if (isDiskError(error)) throw diskFailure(error);
    throw error;
  }
}
