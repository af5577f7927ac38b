// SPDX-License-Identifier: MIT
// Copies a build tree cheaply: objects are shared by hard link (assembler and linker unlink before they write), every other
// file is copied, because Kbuild rewrites those in place. Times are kept: make compares them.
import {
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const SHARED = /\.(o|a)$/;

function cloneEntry(from: string, to: string): void {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
  } else if (stat.isDirectory()) {
    cloneTree(from, to);
    utimesSync(to, stat.atime, stat.mtime);
  } else if (stat.isFile()) {
    if (SHARED.test(from)) {
      linkSync(from, to);
    } else {
      copyFileSync(from, to, constants.COPYFILE_FICLONE);
      utimesSync(to, stat.atimeMs / 1000, stat.mtimeMs / 1000);
    }
  }
}

/** Without promises: for thousands of small files they are most of the time. */
export function cloneTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) cloneEntry(join(from, name), join(to, name));
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
