// SPDX-License-Identifier: MIT
// Build trees: a view of the kernel source with arch/dde and a finished O= folder, content-addressed, never changed once they
// have their name. A new one starts as a cheap copy of the closest and lets Kbuild compile what differs.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneTree } from '../common/clone.js';
import { diskFailure } from '../errors.js';
import { withLock } from '../common/lock.js';
import type { Overlay } from './overlay.js';
import { createView, syncOverlay } from './overlay.js';
import { cacheRoot } from '../common/paths.js';
import { makeTemporary, removeTemporary } from '../common/temporary.js';
import type { OnProgress } from '../common/progress.js';
import type { KernelSource } from '../source/source.js';

export interface TreeMeta {
  readonly kind: 'base' | 'driver';
  /** Kernel package and compiler: objects of different ones never mix. */
  readonly lineage: string;
  /** What is configured, apart from arch/dde's content. */
  readonly config: string;
  /** Path below arch/dde -> content hash. */
  readonly overlay: Readonly<Record<string, string>>;
  readonly objects: number;
}

export interface Tree {
  readonly key: string;
  readonly dir: string;
  readonly obj: string;
  readonly meta: TreeMeta;
}

const META = 'dde-tree.json';
const KEEP = { base: 2, driver: 8 } as const;
/** Long enough for another process that copies from a tree or links it. */
const GRACE = 600_000;

function treesDir(): string {
  return join(cacheRoot(), 'trees');
}

export async function openTree(key: string): Promise<Tree | undefined> {
  const dir = join(treesDir(), key);
  try {
    const meta = JSON.parse(await readFile(join(dir, META), 'utf8')) as TreeMeta;
    const now = new Date();
    await utimes(join(dir, META), now, now); // its age is the time of its last use
    return { key, dir, obj: join(dir, 'obj'), meta };
  } catch {
    return undefined;
  }
}

/** All finished trees of a lineage, last used first. */
async function treesOf(lineage: string): Promise<{ tree: Tree; used: number }[]> {
  const found: { tree: Tree; used: number }[] = [];
  for (const key of await readdir(treesDir()).catch(() => [])) {
    if (key.startsWith('.') || key.endsWith('.lock')) continue;
    const dir = join(treesDir(), key);
    try {
      const used = (await stat(join(dir, META))).mtimeMs;
      const meta = JSON.parse(await readFile(join(dir, META), 'utf8')) as TreeMeta;
      if (meta.lineage === lineage) found.push({ tree: { key, dir, obj: join(dir, 'obj'), meta }, used });
    } catch {
      // being removed by another process
    }
  }
  return found.sort((a, b) => b.used - a.used);
}

export async function findTree(lineage: string, fits: (tree: Tree) => boolean): Promise<Tree | undefined> {
  const found = (await treesOf(lineage)).find(({ tree }) => fits(tree))?.tree;
  return found && ((await openTree(found.key)) ?? undefined);
}

/** A tree whose compilation failed half-way: a start for the next attempt. */
export function isPartial(tree: Tree): boolean {
  return tree.key.startsWith('partial-');
}

/** Paths below arch/dde that differ between a tree and an overlay. */
export function overlayChanges(meta: TreeMeta, overlay: Overlay): string[] {
  const now = new Map(overlay.files.map((f) => [f.path, f.hash]));
  const changed = overlay.files.filter((f) => meta.overlay[f.path] !== f.hash).map((f) => f.path);
  return changed.concat(Object.keys(meta.overlay).filter((path) => !now.has(path)));
}

/** Of each configuration the last tree is the one that is useful; of all, the last few. */
async function prune(lineage: string): Promise<void> {
  const seen = { base: 0, driver: 0 };
  const configs = new Set<string>();
  for (const { tree, used } of await treesOf(lineage)) {
    const { kind, config } = tree.meta;
    const old = kind === 'driver' && configs.has(config);
    configs.add(config);
    if ((!old && ++seen[kind] <= KEEP[kind]) || Date.now() - used < GRACE) continue;
    await rm(tree.dir, { recursive: true, force: true });
  }
}

export interface TreeRequest {
  readonly key: string;
  readonly source: KernelSource;
  readonly overlay: Overlay;
  readonly meta: Omit<TreeMeta, 'overlay' | 'objects'>;
  /** Where to start from; undefined: an empty O= folder. */
  readonly from: Tree | undefined;
  /** Configures and compiles in place; returns the number of objects. */
  readonly fill: (dir: string) => Promise<number>;
  readonly onProgress: OnProgress;
}

async function make(request: TreeRequest, final: string): Promise<void> {
  await mkdir(treesDir(), { recursive: true });
  const temp = await makeTemporary(join(treesDir(), '.new-'));
  try {
    if (request.from) cloneTree(request.from.dir, temp);
    else await createView(request.source.dir, temp);
    await rm(join(temp, META), { force: true });
    await syncOverlay(request.overlay, temp);
    const overlay = Object.fromEntries(request.overlay.files.map((f) => [f.path, f.hash]));
    const seal = async (name: string, objects: number): Promise<void> => {
      const meta: TreeMeta = { ...request.meta, overlay, objects };
      await writeFile(join(temp, META), JSON.stringify(meta));
      await rename(temp, name);
    };
    const objects = await request.fill(temp).catch(async (error: unknown) => {
      // What did compile is kept for the next attempt: make knows what is missing.
      const partial = join(treesDir(), `partial-${request.meta.kind}-${request.meta.lineage}`);
      await rm(partial, { recursive: true, force: true });
      await seal(partial, 0).catch(() => {});
      throw error;
    });
    await seal(final, objects);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EROFS' || code === 'EDQUOT') throw diskFailure(error as NodeJS.ErrnoException);
    throw error;
  } finally {
    await removeTemporary(temp);
  }
}

export async function ensureTree(request: TreeRequest): Promise<Tree> {
  const final = join(treesDir(), request.key);
  const work = async (): Promise<void> => {
    if (!existsSync(final)) await make(request, final);
  };
  const onWait = (pid: number): void =>
    request.onProgress({ type: 'step', text: `waiting for process ${pid}, which builds the same kernel` });
  if (!existsSync(final)) await withLock(`${final}.lock`, work, onWait);
  const tree = await openTree(request.key);
  if (!tree) throw new Error(`${final} vanished while it was used`);
  await prune(request.meta.lineage);
  return tree;
}
