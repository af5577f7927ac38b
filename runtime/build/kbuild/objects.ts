// SPDX-License-Identifier: MIT
// The objects Kbuild made, in its order, and what their .cmd files say: module, source, every file read.
import { readFile } from 'node:fs/promises';
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
export async function archiveMembers(obj: string, archive: string): Promise<string[]> {
  const listed = await run('ar', ['t', archive], { cwd: obj });
  if (listed.code !== 0) throw linkFailed(archive, listed.output);
  return [...new Set(listed.stdout.split('\n').filter((line) => line.endsWith('.o')))];
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
export function isDriverObject(object: KernelObject, modules: readonly string[]): boolean {
  return modules.some((module) =>
    module.endsWith('/') ? object.path.startsWith(module) : object.module === module,
  );
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
