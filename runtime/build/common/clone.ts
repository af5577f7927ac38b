// SPDX-License-Identifier: MIT
// Copies a build tree cheaply: objects are shared by hard link (assembler and linker unlink before they write), every other
// file is copied, because Kbuild rewrites those in place. Times are kept: make compares them.
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, readdir, readlink, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const SHARED = /\.(o|a)$/;

async function cloneEntry(from: string, to: string): Promise<void> {
  const stat = await lstat(from);
  if (stat.isSymbolicLink()) {
    await symlink(await readlink(from), to);
  } else if (stat.isDirectory()) {
    await cloneTree(from, to);
    await utimes(to, stat.atime, stat.mtime);
  } else if (stat.isFile()) {
    if (SHARED.test(from)) {
      await link(from, to);
    } else {
      await copyFile(from, to, constants.COPYFILE_FICLONE);
      await utimes(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
    }
  }
}

export async function cloneTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await cloneEntry(join(from, name), join(to, name));
}

/** Every regular file below `dir`, relative, in byte order of the names. */
export async function listFiles(dir: string, below = ''): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(join(dir, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...(await listFiles(dir, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}
