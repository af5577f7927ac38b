// SPDX-License-Identifier: MIT
// The constants that the kernel's own gdb commands (scripts/gdb) need, made by Kbuild in the tree of a finished build.
import { existsSync } from 'node:fs';
import { copyFile, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compileFailed } from '../errors.js';
import { withLock } from '../common/lock.js';
import { cacheRoot, repoRoot } from '../common/paths.js';
import { run } from '../common/proc.js';
import type { TreeMeta } from '../kbuild/tree.js';

/** Beside the executable; profiler/debug/gdb/kernel_scripts.py reads it. */
export const GDB_CONSTANTS = 'gdb-constants.py';

const MADE = 'scripts/gdb/linux/constants.py';

async function make(tree: string): Promise<void> {
  const { lineage } = JSON.parse(await readFile(join(tree, 'dde-tree.json'), 'utf8')) as TreeMeta;
  // The same compiler wrapper as for the tree's objects: with another one Kbuild would compile anew.
  const cc = join(cacheRoot(), 'cc', lineage, 'dde-cc');
  const args = ['O=obj', 'ARCH=dde', `CC=${cc}`, '--no-print-directory', 'scripts_gdb'];
  const env = { DDE_ARCH_DIR: join(repoRoot(), 'runtime/arch/dde') };
  const result = await run('make', args, { cwd: tree, env });
  if (result.code !== 0) throw compileFailed('the constants of scripts/gdb', result.output);
}

/**
 * Makes the file unless it is there.
 * @param dir the build's folder
 * @param buildRoot where its kernel was compiled (manifest.json)
 * @returns whether the file is there now: not when the tree of an older build has been removed from the cache
 */
export async function ensureGdbConstants(dir: string, buildRoot: string): Promise<boolean> {
  const file = join(dir, GDB_CONSTANTS);
  const tree = dirname(buildRoot);
  if (existsSync(file)) return true;
  if (!existsSync(join(tree, 'dde-tree.json'))) return false;
  await withLock(
    `${tree}.gdb.lock`,
    async () => {
      if (existsSync(file)) return;
      if (!existsSync(join(buildRoot, MADE))) await make(tree);
      await copyFile(join(buildRoot, MADE), `${file}.${process.pid}`);
      await rename(`${file}.${process.pid}`, file);
    },
    () => {},
  );
  return true;
}
