// SPDX-License-Identifier: MIT
// buildDriver: from the name of a driver to an executable in the cache.
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeHash, driverKeys, ensureDriverTree, KCONFIG_FILE, LINKER_SCRIPT } from './kbuild/driver-tree.js';
import { buildId } from './link/elf.js';
import { diskFailure } from './errors.js';
import { hashOf } from './common/hash.js';
import { ensureToolchain } from './kbuild/kbuild.js';
import { type KernelPart, PART_DIR } from './link/kernel-part.js';
import { ensureLibraries, librariesHash } from './link/libraries.js';
import { linkDriver } from './link/link.js';
import { withLock } from './common/lock.js';
import { type Manifest, readManifest } from './describe/manifest.js';
import { readOverlay } from './kbuild/overlay.js';
import { cacheRoot, repoRoot } from './common/paths.js';
import type { OnProgress } from './common/progress.js';
import { pruneCache } from './common/prune.js';
import { makeTemporary, removeTemporary } from './common/temporary.js';
import { readRegisters } from './describe/registers.js';
import { type Driver, resolveDriver } from './target/resolve.js';
import { ensureSource, type KernelSource } from './source/source.js';
import { readTracepoints } from './describe/tracepoints.js';
import type { Tree } from './kbuild/tree.js';

export interface BuildRequest {
  /** Sample name, CONFIG_SYMBOL, folder of the kernel tree, module name, or path of an out-of-tree module. */
  readonly driver: string;
  /** "6.1" or "6.12". */
  readonly kernel: string;
  /** `CONFIG_X=y`, on top of what the driver needs. */
  readonly config?: readonly string[];
  /** False: as if there were no tracer in it, to measure what one costs that is switched off. Default true. */
  readonly instrumented?: boolean;
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

const CODE = ['build', 'link/elf', 'link/link', 'describe/manifest', 'describe/sites', 'describe/tracepoints', 'describe/registers', 'describe/constants'];

async function fillBuild(
  temp: string,
  final: string,
  tree: Tree,
  libraries: readonly string[],
  source: KernelSource,
  driver: Driver,
): Promise<void> {
  const link = join(tree.dir, PART_DIR);
  const part = JSON.parse(await readFile(join(link, 'part.json'), 'utf8')) as KernelPart;
  const guess = Number(await readFile(join(link, 'entries'), 'utf8').catch(() => '20000'));
  const linked = await linkDriver({
    dir: temp,
    kernelObject: join(link, 'kernel.o'),
    linkerScript: join(tree.obj, LINKER_SCRIPT),
    libraries,
    part,
    guess,
    what: driver.name,
  });
  await writeFile(join(link, 'entries'), String(linked.entries));
  const kconfig = JSON.parse(
    await readFile(join(tree.dir, KCONFIG_FILE), 'utf8').catch(() => '[]'),
  ) as string[];
  const manifest: Manifest = {
    formatVersion: 1,
    driver: driver.name,
    kernelSeries: source.series,
    kernelVersion: source.version,
    buildId: buildId(linked.elf) ?? '',
    executable: join(final, 'driver'),
    sourceRoot: source.dir,
    buildRoot: tree.obj,
    ...(driver.outOfTree === undefined ? {} : { outOfTree: driver.outOfTree }),
    kconfig,
    sources: [...part.sources],
    driverObjects: part.driverObjects.map((o) => o.path),
    apiSymbols: [...part.apiSymbols],
    createdAt: new Date().toISOString(),
  };
  await writeFile(join(temp, 'sites.json'), JSON.stringify({ sites: linked.sites }));
  await writeFile(
    join(temp, 'tracepoints.json'),
    JSON.stringify({ tracepoints: readTracepoints(linked.elf) }),
  );
  const registers = await readRegisters(driver.outOfTree ?? source.dir, source.dir, manifest.driverObjects, driver.name);
  await writeFile(join(temp, 'registers.json'), JSON.stringify({ registers }));
  await writeFile(join(temp, 'manifest.json'), JSON.stringify(manifest));
  await copyFile(join(link, 'needs.json'), join(temp, 'needs.json'));
  await copyFile(join(tree.obj, '.config'), join(temp, 'config'));
  await copyFile(join(tree.dir, 'build.log'), join(temp, 'build.log'));
  for (const name of ['entries.S', 'driver.map']) await rm(join(temp, name));
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
    const builds = join(cacheRoot(), 'builds');
    const dir = join(builds, hashOf(keys.tree, libraries, code));
    const cached = existsSync(dir);
    const now = new Date();
    if (cached) await utimes(dir, now, now); // its age is the time of its last use
    if (!cached) {
      const tree = await ensureDriverTree(treeRequest, keys);
      const archives = await ensureLibraries(root, libraries, onProgress);
      await withLock(`${dir}.lock`, async () => {
        if (existsSync(dir)) return;
        onProgress({ type: 'step', text: `linking ${driver.name}` });
        await mkdir(builds, { recursive: true });
        const temp = await makeTemporary(join(builds, '.new-'));
        try {
          await fillBuild(temp, dir, tree, archives, source, driver);
          await chmod(temp, 0o755);
          await rename(temp, dir);
          await pruneCache(cacheRoot());
        } finally {
          await removeTemporary(temp);
        }
      }, (pid) => onProgress({ type: 'step', text: `waiting for process ${pid}, which links the same driver` }));
    }
    const manifest = await readManifest(join(dir, 'manifest.json'));
    return { dir, executable: join(dir, 'driver'), manifest, driver, cached };
  } catch (error) {
    if (isDiskError(error)) throw diskFailure(error);
    throw error;
  }
}
