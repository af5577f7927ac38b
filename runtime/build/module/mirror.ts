// SPDX-License-Identifier: MIT
// Where an out-of-tree module is compiled: a folder that stands for `/`, with the module's folder at its own path. The module's files
// are copies; beside the folders on the way lie links to what lies there really, so that `$(src)/../include` is found. Nothing that a
// build writes gets into the user's folders. The place is lasting, so that an edit compiles one file.
import { existsSync } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { moduleFiles } from './files.js';

export interface Mirror {
  /** Stands for `/`. */
  readonly root: string;
  /** The module's folder in it. */
  readonly dir: string;
  /** The user's folder. */
  readonly from: string;
}

/** make cannot have such names in a path. */
const AWKWARD = /[^\w.+-]/;
/** Ancestors whose other entries can be seen. */
const LEVELS = 4;
const MOST_SIBLINGS = 2000;

/** Path below the mirror's root of a folder of the user. */
export function mirrorPath(dir: string): string {
  const parts = dir.split('/').filter((part) => part !== '');
  return parts.map((part, i) => (AWKWARD.test(part) ? `folder${i}` : part)).join('/');
}

async function linkOnce(target: string, path: string): Promise<void> {
  const old = await readlink(path).catch(() => undefined);
  if (old === target) return;
  if (old !== undefined) await rm(path);
  else if (await lstat(path).catch(() => undefined)) return;
  await symlink(target, path);
}

/** Makes the folders down to `dir`, each a real one, with links to the neighbours of the last few. */
async function makeChain(dir: string, root: string): Promise<string> {
  const parts = dir.split('/').filter((part) => part !== '');
  const names = mirrorPath(dir).split('/');
  let at = root;
  for (const [i, part] of parts.entries()) {
    const real = `/${parts.slice(0, i).join('/')}`;
    const name = names[i] ?? part;
    const old = await readlink(join(at, name)).catch(() => undefined);
    if (old !== undefined) await rm(join(at, name));
    await mkdir(join(at, name), { recursive: true });
    if (name !== part) await linkOnce(name, join(at, part));
    if (i >= parts.length - LEVELS) await linkNeighbours(real, at, part);
    at = join(at, name);
  }
  return at;
}

async function linkNeighbours(real: string, at: string, except: string): Promise<void> {
  const entries = await readdir(real, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.slice(0, MOST_SIBLINGS)) {
    if (entry.name === except || entry.name.startsWith('.')) continue;
    if (entry.isFile() || entry.isDirectory() || entry.isSymbolicLink())
      await linkOnce(join(real, entry.name), join(at, entry.name));
  }
}

/** Copies what differs (make goes by time), and takes away what was copied before and is gone. */
async function copyFiles(from: string, to: string, list: string): Promise<void> {
  const files = await moduleFiles(from);
  const wanted = new Set(files.map((file) => file.path));
  const before = JSON.parse(await readFile(list, 'utf8').catch(() => '[]')) as string[];
  for (const path of before) if (!wanted.has(path)) await rm(join(to, path), { force: true });
  for (const { path, kind } of files) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    if (kind === 'link') {
      await linkOnce(resolve(from, path), target);
      continue;
    }
    const [now, old] = await Promise.all([readFile(join(from, path)), readFile(target).catch(() => undefined)]);
    if (old?.equals(now)) continue;
    await rm(target, { force: true });
    await copyFile(join(from, path), target);
  }
  await mkdir(dirname(list), { recursive: true });
  await writeFile(list, JSON.stringify([...wanted]));
}

const MAKEFILE = /(^|\/)(Kbuild|[Mm]akefile|GNUmakefile|[^/]*\.(mk|mak|inc))$/;

/** The texts of a folder's makefiles, by path. */
export async function makefiles(dir: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { path } of await moduleFiles(dir)) {
    if (MAKEFILE.test(path)) texts.set(join(dir, path), await readFile(join(dir, path), 'utf8').catch(() => ''));
  }
  return texts;
}

/** Folders outside the module's own whose objects its makefiles name (`foo-y := main.o ../common/util.o`). */
async function foldersOfObjects(from: string): Promise<string[]> {
  const found = new Set<string>();
  for (const [file, text] of await makefiles(from)) {
    for (const match of text.matchAll(/(?:^|[\s=)/])((?:\.\.\/)+[\w./+-]*)/gm)) {
      const path = resolve(dirname(file), match[1] ?? '');
      const folder = /\.o$/.test(path) ? dirname(path) : path;
      const isDir = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
      if (isDir && folder !== '/' && relative(from, folder).startsWith('..') && !`${from}/`.startsWith(`${folder}/`))
        found.add(folder);
    }
  }
  return [...found];
}

/** A neighbour in which objects are made: a real folder whose files are links. */
async function openFolder(folder: string, root: string): Promise<void> {
  const at = await makeChain(folder, root);
  await linkNeighbours(folder, at, '');
}

export async function mirrorModule(from: string, work: string): Promise<Mirror> {
  const root = join(work, 'root');
  const dir = await makeChain(from, root);
  await copyFiles(from, dir, join(work, 'copied', `${mirrorPath(from).replaceAll('/', '%')}.json`));
  for (const folder of await foldersOfObjects(from)) await openFolder(folder, root);
  return { root, dir, from };
}

/** Paths as the user knows them. */
export function realPath(path: string, mirror: Mirror): string {
  if (path === mirror.dir || path.startsWith(`${mirror.dir}/`)) return mirror.from + path.slice(mirror.dir.length);
  return path.startsWith(`${mirror.root}/`) ? path.slice(mirror.root.length) : path;
}

/** Whether Kbuild finds something to do in a folder. */
export function kbuildFile(dir: string): string | undefined {
  return ['Kbuild', 'Makefile']
    .map((name) => join(dir, name))
    .find((file) => existsSync(file) && basename(file) !== '');
}
