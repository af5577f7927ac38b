// SPDX-License-Identifier: MIT
// Keeps the cache from growing for ever: executables of old builds, and what killed builds left behind.
import { readdir, readlink, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const GRACE = 7_200_000;
const KEEP_BUILDS = 16;
/** A core is 120 MB. */
const KEEP_CORES = 4;

/** Folders whose executable runs now, of this user: who takes them away hides the process from ps, attach and gdb. */
async function inUse(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const executable = await readlink(`/proc/${pid}/exe`).catch(() => undefined);
    if (executable !== undefined) found.add(dirname(executable));
  }
  return found;
}

/** Removes all but the last used entries; what was used within two hours, or is running, stays in any case. */
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
  const running = await inUse();
  let kept = 0;
  for (const { path, used, left } of entries) {
    const last = !left && ++kept <= keep;
    if (last || now - used < GRACE || running.has(path)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

export async function pruneCache(root: string): Promise<void> {
  await pruneFolder(join(root, 'builds'), KEEP_BUILDS);
  await pruneFolder(join(root, 'lib'), KEEP_BUILDS);
  await pruneFolder(join(root, 'cores'), KEEP_CORES);
  // Of kernel sources only what a killed extraction left.
  await pruneFolder(join(root, 'src'), Number.POSITIVE_INFINITY);
  // Also a build that was killed: no build takes two hours. Finished trees are pruned by lineage (tree.ts).
  await pruneFolder(join(root, 'trees'), Number.POSITIVE_INFINITY);
}
