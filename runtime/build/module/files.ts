// SPDX-License-Identifier: MIT
// What of a module's folder a build reads: regular files. Links to files are read as the file; FIFOs, sockets, devices and links that
// lead nowhere are passed over; what is too large to be source is not copied but can be read where it lies.
import { type Dirent, existsSync, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../common/hash.js';

export interface ModuleFile {
  /** Below the module's folder. */
  readonly path: string;
  /** Of the content; of size and time where the file is only linked. */
  readonly hash: string;
  /** `link`: too large to copy, or a folder that was linked in. */
  readonly kind: 'copy' | 'link';
}

const PRODUCT = /\.(ko|mod|cmd|a|order|symvers|d)$|\.mod\.[co]$|^(modules\.order|Module\.symvers)$/;
const LARGE = 16 << 20;
/** More than this is no module but somebody's home folder. */
const MOST_FILES = 20_000;

/** Objects that Kbuild made have a .cmd file beside them; others are part of the source, as firmware and libraries in binary form. */
function isProduct(dir: string, name: string): boolean {
  return PRODUCT.test(name) || (name.endsWith('.o') && existsSync(join(dir, `.${name}.cmd`)));
}

async function describe(dir: string, path: string, entry: Dirent): Promise<ModuleFile | 'folder' | undefined> {
  const full = join(dir, path);
  const info: Stats | undefined = await stat(full).catch(() => undefined);
  if (info?.isDirectory()) return entry.isSymbolicLink() ? { path, hash: 'folder', kind: 'link' } : 'folder';
  if (!info?.isFile()) return undefined;
  if (info.size > LARGE) return { path, hash: `${info.size} ${info.mtimeMs}`, kind: 'link' };
  const content = await readFile(full).catch(() => undefined);
  return content && { path, hash: hashOf(content), kind: 'copy' };
}

/** The files below `dir`, in byte order of their paths, folder by folder. */
export async function moduleFiles(dir: string, below = '', found: ModuleFile[] = []): Promise<ModuleFile[]> {
  const entries = await readdir(join(dir, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules' || isProduct(join(dir, below), entry.name))
      continue;
    const path = below ? `${below}/${entry.name}` : entry.name;
    const file = await describe(dir, path, entry);
    if (file === 'folder') await moduleFiles(dir, path, found);
    else if (file) found.push(file);
    if (found.length >= MOST_FILES) break;
  }
  return found;
}
