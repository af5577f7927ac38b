// SPDX-License-Identifier: MIT
// Keeps the cache from growing for ever: executables of old builds, and what killed builds left behind.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const GRACE = 7_200_000;
const KEEP_BUILDS = 16;

/** Removes all but the last used entries; what was used within two hours stays in any case. */
export async function pruneFolder(dir: string, keep: number, now = Date.now()): Promise<void> {
  const entries: { path: string; used: number; left: boolean }[] = [];
  for (const name of await readdir(dir).catch(() => [])) {
    if (name.endsWith('.lock') || name.includes('.lock.')) continue;
    const path = join(dir, name);
    const used = await stat(path).then(
      (s) => s.mtimeMs,
      () => now,
    );
    entries.push({ path, used, left: name.startsWith('.') });
  }
  entries.sort((a, b) => b.used - a.used);
  let kept = 0;
  for (const { path, used, left } of entries) {
    const last = !left && ++kept <= keep;
    if (last || now - used < GRACE) continue;
    await rm(path, { recursive: true, force: true });
  }
}

export async function pruneCache(root: string): Promise<void> {
  await pruneFolder(join(root, 'builds'), KEEP_BUILDS);
  await pruneFolder(join(root, 'lib'), KEEP_BUILDS);
  // Also a build that was killed: no build takes two hours. Finished trees are pruned by lineage (tree.ts).
  await pruneFolder(join(root, 'trees'), Number.POSITIVE_INFINITY);
}
