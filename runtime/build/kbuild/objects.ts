// SPDX-License-Identifier: MIT
// The objects Kbuild made, in its order, and what their .cmd files say: module, source, every file read.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { linkFailed } from '../errors.js';
import { run } from '../common/proc.js';

export interface KernelObject {
  /** Relative to the O= folder. */
  readonly path: string;
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

/** Global and weak functions that the objects define; `list` is a file that names them. */
export async function definedFunctions(obj: string, list: string): Promise<Set<string>> {
  const result = await run('nm', ['--defined-only', '--extern-only', '-f', 'posix', `@${list}`], {
    cwd: obj,
  });
  if (result.code !== 0) throw linkFailed('the kernel side', result.output);
  const names = new Set<string>();
  for (const line of result.stdout.split('\n')) {
    const match = /^(\S+) [TWi] /.exec(line);
    if (match?.[1]) names.add(match[1]);
  }
  return names;
}
