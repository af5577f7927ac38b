// SPDX-License-Identifier: MIT
// Which Kconfig symbol builds which module: the `obj-$(CONFIG_X) += ...` lines of the kernel's Makefiles.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Target {
  readonly symbol: string;
  /** Folder of the Makefile, relative to the tree. */
  readonly dir: string;
  /** A module's name without `.o`, or a folder's with `/`. */
  readonly name: string;
}

export function parseMakefile(text: string, dir: string): Target[] {
  const targets: Target[] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const match = /^\s*obj-\$\(CONFIG_(\w+)\)\s*[+:]?=\s*([^#]*)/.exec(line);
    if (!match?.[1]) continue;
    for (const word of (match[2] ?? '').split(/\s+/)) {
      if (/^[\w.+/-]+\.o$/.test(word)) targets.push({ symbol: match[1], dir, name: word.slice(0, -2) });
      else if (/^[\w.+/-]+\/$/.test(word)) targets.push({ symbol: match[1], dir, name: word });
    }
  }
  return targets;
}

/** The parts of the tree that hold drivers. */
const DRIVER_ROOTS = ['drivers', 'sound', 'net', 'fs', 'crypto', 'lib'];

async function scan(tree: string, dir: string, found: Target[]): Promise<void> {
  const entries = await readdir(join(tree, dir), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const makefile = entries.some((e) => e.name === 'Kbuild') ? 'Kbuild' : 'Makefile';
  if (entries.some((e) => e.name === makefile)) {
    found.push(...parseMakefile(await readFile(join(tree, dir, makefile), 'utf8'), dir));
  }
  for (const entry of entries) {
    if (entry.isDirectory()) await scan(tree, `${dir}/${entry.name}`, found);
  }
}

/** All targets of a tree; reading 3,000 Makefiles takes a second, so the list is kept in `cacheFile`. */
export async function readTargets(tree: string, cacheFile: string): Promise<Target[]> {
  const kept = await readFile(cacheFile, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as Target[];
  const found: Target[] = [];
  for (const root of DRIVER_ROOTS) await scan(tree, root, found);
  await mkdir(dirname(cacheFile), { recursive: true });
  const temp = `${cacheFile}.${process.pid}`;
  await writeFile(temp, JSON.stringify(found));
  await rename(temp, cacheFile);
  return found;
}
