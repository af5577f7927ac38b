// SPDX-License-Identifier: MIT
// What lies in the cache, and emptying it.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pruneFolder } from './prune.js';

export interface CachePart {
  readonly name: string;
  /** What its entries are. */
  readonly text: string;
  readonly entries: number;
  /** On disk; what several trees share is counted once. */
  readonly bytes: number;
}

const PARTS: Readonly<Record<string, string>> = {
  builds: 'drivers that were built',
  trees: 'kernel trees with their objects',
  cores: 'cores that were joined',
  modules: 'folders in which out-of-tree modules are compiled',
  src: 'extracted kernel sources',
  lib: 'host libraries',
  cc: 'compiler wrappers',
};

const BLOCK = 512;

async function sizeOf(path: string, seen: Set<number>): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return 0;
  // Trees share objects by hard links.
  if (stat.nlink > 1 && !stat.isDirectory()) {
    if (seen.has(stat.ino)) return 0;
    seen.add(stat.ino);
  }
  let sum = stat.blocks * BLOCK;
  if (stat.isDirectory()) {
    const names = await readdir(path).catch(() => []);
    for (const size of await Promise.all(names.map((name) => sizeOf(join(path, name), seen)))) sum += size;
  }
  return sum;
}

/** The folders of the cache; empty when there is none. */
export async function cacheParts(root: string): Promise<CachePart[]> {
  const seen = new Set<number>();
  const parts: CachePart[] = [];
  for (const [name, text] of Object.entries(PARTS)) {
    const names = await readdir(join(root, name)).catch(() => []);
    const entries = names.filter((one) => !one.includes('.lock')).length;
    parts.push({ name, text, entries, bytes: await sizeOf(join(root, name), seen) });
  }
  return parts;
}

/** Removes everything but the builds of drivers that are running. */
export async function emptyCache(root: string): Promise<void> {
  for (const name of Object.keys(PARTS)) await pruneFolder(join(root, name), 0, Number.POSITIVE_INFINITY);
}
