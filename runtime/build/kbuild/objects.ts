// SPDX-License-Identifier: MIT
// The objects Kbuild made, in its order, and what their .cmd files say: module, source, every file read.
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { linkFailed } from '../errors.js';
import { run } from '../common/proc.js';

export interface KernelObject {
  /** Relative to the O= folder, or absolute (of an out-of-tree module). */
  readonly path: string;
  /** How it is called in the manifest, when not by its path. */
  readonly shown?: string;
  /** `drivers/net/mii`, as KBUILD_MODFILE says it; empty for assembler files. */
  readonly module: string;
  /** Source and headers, relative to the kernel tree; generated files are left out. */
  readonly sources: readonly string[];
}

/** Members of a thin archive, in link order (the order of initcalls: it is never sorted). */
async function archiveMembers(obj: string, archive: string): Promise<string[]> {
  const listed = await run('ar', ['t', archive], { cwd: obj });
  if (listed.code !== 0) throw linkFailed(archive, listed.output);
  return [...new Set(listed.stdout.split('\n').filter((line) => line.endsWith('.o')))];
}

const LIBRARIES = ['lib/lib.a', 'arch/dde/lib/lib.a'];

/** The archives of which the linker takes what is asked for. */
export function libraryArchives(obj: string): string[] {
  return LIBRARIES.filter((path) => existsSync(join(obj, path)));
}

export async function libraryMembers(obj: string): Promise<string[]> {
  return (await Promise.all(libraryArchives(obj).map((path) => archiveMembers(obj, path)))).flat();
}

/** Written into a tree in which not all of Kbuild's archives are new. */
const OBJECTS = 'dde-objects.json';

/** What is linked, in the order of the link. */
export async function treeObjects({ dir, obj }: { readonly dir: string; readonly obj: string }): Promise<string[]> {
  const kept = await readFile(join(dir, OBJECTS), 'utf8').catch(() => undefined);
  return kept === undefined ? archiveMembers(obj, 'vmlinux.a') : (JSON.parse(kept) as string[]);
}

/** When only these folders of a tree were made: their new objects come last. */
export async function noteObjects(dir: string, folders: readonly string[]): Promise<void> {
  const obj = join(dir, 'obj');
  const all = new Set(await treeObjects({ dir, obj }));
  for (const folder of folders) {
    if (!existsSync(join(obj, folder, 'built-in.a'))) continue;
    for (const path of await archiveMembers(obj, `${folder}/built-in.a`)) all.add(path);
  }
  await writeFile(join(dir, OBJECTS), JSON.stringify([...all]));
}

/** When all was made. */
export async function forgetObjects(dir: string): Promise<void> {
  await rm(join(dir, OBJECTS), { force: true });
}

/** Reads a .cmd file. Paths in it are relative to the O= folder, which lies in the tree: sources start with `../`. */
export function parseCmd(text: string): { module: string; sources: string[] } {
  const module = /-DKBUILD_MODFILE='"([^"]*)"'/.exec(text)?.[1] ?? '';
  const sources = new Set<string>();
  for (const match of text.matchAll(/^(?:source_\S+ := |\s+)(\.\.\/\S+)/gm)) {
    sources.add(normalize((match[1] ?? '').slice('../'.length)));
  }
  return { module, sources: [...sources] };
}

export async function readObject(obj: string, path: string): Promise<KernelObject> {
  const cmd = join(obj, dirname(path), `.${basename(path)}.cmd`);
  return { path, ...parseCmd(await readFile(cmd, 'utf8').catch(() => '')) };
}

/** Whether an object belongs to one of `modules` (`dir/module`, or `dir/` for everything below). */
export function isDriverObject(object: Pick<KernelObject, 'path' | 'module'>, modules: readonly string[]): boolean {
  return modules.some((module) => (module.endsWith('/') ? object.path.startsWith(module) : object.module === module));
}

export interface Definitions {
  readonly functions: ReadonlySet<string>;
  /** Functions and data. */
  readonly all: ReadonlySet<string>;
  /** EXPORT_SYMBOL, and what arch/dde defines. */
  readonly exported: ReadonlySet<string>;
  /** Where a name is defined: an object below the O= folder. */
  readonly home: ReadonlyMap<string, string>;
}

/** Global and weak names that the objects define; `list` is a file that names them. */
export async function definitions(obj: string, list: string): Promise<Definitions> {
  const result = await run('nm', ['-A', '--defined-only', '-f', 'posix', `@${list}`], { cwd: obj });
  if (result.code !== 0) throw linkFailed('the kernel side', result.output);
  const functions = new Set<string>();
  const exported = new Set<string>();
  const home = new Map<string, string>();
  for (const match of result.stdout.matchAll(/^(\S+?)(?:\[\S+\])?: (\S+) (\w)/gm)) {
    const [, file = '', name = '', type = ''] = match;
    const mark = /^(?:__ksymtab_|__export_symbol_)(\w+)$/.exec(name)?.[1];
    if (mark) exported.add(mark);
    if (!/[A-ZVWvwui]/.test(type) || type === 'U' || mark) continue;
    if (/[TWi]/.test(type)) functions.add(name);
    home.set(name, file);
    if (file.startsWith('arch/dde/')) exported.add(name);
  }
  return { functions, all: new Set(home.keys()), exported, home };
}
