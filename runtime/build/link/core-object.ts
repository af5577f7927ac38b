// SPDX-License-Identifier: MIT
// The core joined once for all drivers that share its objects: one relocatable file, its debug information settled, and what a driver's
// build asks of it (who defines what, sources, names that it lacks) beside it.
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkFailed } from '../errors.js';
import { hashOf, sha256File } from '../common/hash.js';
import { withLock } from '../common/lock.js';
import { cacheRoot } from '../common/paths.js';
import { run } from '../common/proc.js';
import type { OnProgress } from '../common/progress.js';
import { makeTemporary, removeTemporary } from '../common/temporary.js';
import {
  type Definitions,
  definitions,
  type KernelObject,
  libraryArchives,
  libraryMembers,
  readObject,
} from '../kbuild/objects.js';
import { settleDebug } from './debug.js';
import { ElfEditor } from './edit.js';
import { STB_LOCAL, STB_WEAK, SHT_NOBITS, STT_FUNC } from '../../../tracer/elf/elf.js';
import { type Elf, parseElf } from './elf.js';
import { C_LIBRARY } from './thunks.js';

/** The core's names are its own, as it shares many with the C library; by this alias a driver reaches them. Not in the executable. */
export const CORE_PREFIX = '__ddecore_';
/** What the kernel side lacks gets such a name, so that nothing of the host's can stand in for it. */
export const MISSING_PREFIX = '__dde_missing_';

/** Names outside the linker script by which the kernel side reaches the host library. */
const SEAM = /^(ddekit_|ddet_|__gcov_|__start_|__stop_|dde_driver_text$)/;

export type Sources = readonly { readonly path: string; readonly sha256: string }[];

/** Where kernel objects are. */
export interface ObjectTree {
  readonly dir: string;
  readonly obj: string;
}

interface CoreFacts {
  /** Linked objects, in order. */
  readonly objects: readonly { readonly path: string; readonly module: string }[];
  /** Members of lib.a, used or not. */
  readonly library: readonly string[];
  readonly functions: readonly string[];
  readonly exported: readonly string[];
  readonly home: Readonly<Record<string, string>>;
  readonly globals: readonly string[];
  readonly weak: readonly string[];
  readonly missing: readonly string[];
  /** Functions that can be traced, at most. */
  readonly entries: number;
  readonly sources: Sources;
}

export interface Core {
  readonly object: string;
  readonly objects: CoreFacts['objects'];
  readonly library: readonly string[];
  readonly defined: Definitions;
  /** Names that it defines; `weak`: those of which another definition would win. */
  readonly globals: ReadonlySet<string>;
  readonly weak: ReadonlySet<string>;
  /** Names that it uses and nobody here has: a driver's objects may. */
  readonly missing: readonly string[];
  readonly entries: number;
  readonly sources: Sources;
}

export async function checked(what: string, command: string, args: readonly string[], cwd: string): Promise<void> {
  const result = await run(command, args, { cwd });
  if (result.code !== 0) throw linkFailed(what, result.output);
}

/** One name a line, `#` begins a comment. A tree without the file has none. */
async function namesIn(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  return lines.filter((line) => line !== '');
}

/** `ld`'s arguments for the calls that are led through arch/dde (tables/hooks.txt). */
export async function hookArguments(tree: ObjectTree): Promise<string[]> {
  return (await namesIn(join(tree.dir, 'arch/dde/tables/hooks.txt'))).map((name) => `--wrap=${name}`);
}

/** Names of the kernel side that stay global. */
export async function exportedGlobals(tree: ObjectTree): Promise<string[]> {
  return [...(await namesIn(join(tree.dir, 'arch/dde/tables/exports.txt'))), 'jiffies_64'];
}

/**
 * Undefined names that nothing outside the kernel side may answer. The final link has the C library in it: a function that the kernel
 * side lacks would be found there when it has the same name (`kill`, `sort`, `poll`), and be called. Only the seam, the linker script
 * and the few functions of asm/string.h may be found outside.
 */
export async function strangeNames(object: string, script: string): Promise<string[]> {
  const listed = await run('nm', ['--undefined-only', '-f', 'posix', object]);
  if (listed.code !== 0) throw linkFailed('the kernel side', listed.output);
  const given = new Set(
    [...(await readFile(script, 'utf8')).matchAll(/([A-Za-z_]\w*)\s*=(?!=)/g)].map((match) => match[1] ?? ''),
  );
  const names = [...listed.stdout.matchAll(/^(\S+) [Uwv]/gm)].map((match) => match[1] ?? '');
  return names.filter((name) => !SEAM.test(name) && !given.has(name) && !C_LIBRARY.test(name));
}

/** Functions that begin with the five nops of -fpatchable-function-entry=5. */
export function countPatchable(elf: Elf): number {
  const places = new Set<string>();
  for (const { type, section, value } of elf.symbols) {
    const home = elf.sections[section];
    if (type !== STT_FUNC || section === 0 || home === undefined || home.type === SHT_NOBITS) continue;
    const at = home.offset + value;
    if (elf.bytes.readUInt32LE(at) === 0x90909090 && elf.bytes[at + 4] === 0x90) places.add(`${section}:${value}`);
  }
  return places.size;
}

/** The files of Linux that were read for objects, sorted; `known`: those whose content was looked at before. */
export async function hashSources(
  tree: ObjectTree,
  objects: readonly KernelObject[],
  known: Sources = [],
): Promise<Sources> {
  const before = new Set(known.map(({ path }) => path));
  const paths = [...new Set(objects.flatMap((o) => o.sources))].filter((path) => !before.has(path));
  // arch/dde is ours, and the module of an out-of-tree build is the user's.
  const kernel = paths.filter((path) => !path.startsWith('/') && !/^(arch\/dde|obj)\//.test(path));
  const more = await Promise.all(
    kernel.map(async (path) => ({ path, sha256: await sha256File(join(tree.dir, path)) })),
  );
  return [...known, ...more].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Which file an object is: trees share objects by hard links. */
export async function identities(tree: ObjectTree, paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      const { ino, size, mtimeNs } = await stat(join(tree.obj, path), { bigint: true });
      return `${path} ${ino} ${size} ${mtimeNs}`;
    }),
  );
}

async function fill(dir: string, tree: ObjectTree, script: string, paths: readonly string[]): Promise<void> {
  const linked = await Promise.all(paths.map((path) => readObject(tree.obj, path)));
  const archives = libraryArchives(tree.obj);
  const library = await libraryMembers(tree.obj);
  const libraryObjects = await Promise.all(library.map((path) => readObject(tree.obj, path)));
  // A file, for ld reads its @list twice.
  await writeFile(join(dir, 'list'), [...paths, ...archives].join('\n'));
  await writeFile(join(dir, 'definitions'), [...paths, ...library].join('\n'));
  const joined = join(dir, 'kernel0.o');
  const [defined, sources] = await Promise.all([
    definitions(tree.obj, join(dir, 'definitions')),
    hashSources(tree, [...linked, ...libraryObjects]),
    checked('the core', 'ld', ['-r', ...(await hookArguments(tree)), '-o', joined, `@${join(dir, 'list')}`], tree.obj),
  ]);
  const kept = await exportedGlobals(tree);
  const elf = parseElf(await readFile(joined), joined);
  const editor = ElfEditor.of(elf, elf.bytes);
  if (editor === undefined) throw linkFailed('the core', 'no symbols');
  const globals: string[] = [];
  const weak: string[] = [];
  for (const { name, bind, section, value } of elf.symbols) {
    if (bind === STB_LOCAL || section === 0 || kept.includes(name)) continue;
    editor.addSymbol(CORE_PREFIX + name, section, value);
    globals.push(name);
    if (bind === STB_WEAK) weak.push(name);
  }
  const entries = countPatchable(elf);
  settleDebug(elf, editor);
  const file = await open(joined, 'w');
  for (const part of editor.finish()) await file.write(part);
  await file.close();
  const missing = await strangeNames(joined, script);
  await writeFile(join(dir, 'exports'), [...kept, `${CORE_PREFIX}*`].join('\n'));
  await writeFile(join(dir, 'missing'), missing.map((name) => `${name} ${MISSING_PREFIX}${name}`).join('\n'));
  const args = [
    '--wildcard',
    '--keep-global-symbols=exports',
    '--redefine-syms=missing',
    '--remove-section=__patchable_function_entries',
  ];
  await checked('the core', 'objcopy', [...args, 'kernel0.o', 'kernel.o'], dir);
  for (const name of ['kernel0.o', 'list', 'definitions', 'exports', 'missing']) await rm(join(dir, name));
  const facts: CoreFacts = {
    objects: linked.map(({ path, module }) => ({ path, module })),
    library,
    functions: [...defined.functions],
    exported: [...defined.exported],
    home: Object.fromEntries(defined.home),
    globals,
    weak,
    missing,
    entries,
    sources,
  };
  await writeFile(join(dir, 'core.json'), JSON.stringify(facts));
}

async function readCore(dir: string): Promise<Core> {
  const facts = JSON.parse(await readFile(join(dir, 'core.json'), 'utf8')) as CoreFacts;
  const home = new Map(Object.entries(facts.home));
  return {
    object: join(dir, 'kernel.o'),
    objects: facts.objects,
    library: facts.library,
    defined: {
      functions: new Set(facts.functions),
      all: new Set(home.keys()),
      exported: new Set(facts.exported),
      home,
    },
    globals: new Set(facts.globals),
    weak: new Set(facts.weak),
    missing: facts.missing,
    entries: facts.entries,
    sources: facts.sources,
  };
}

export interface CoreRequest {
  readonly tree: ObjectTree;
  /** The preprocessed linker script. */
  readonly script: string;
  /** Objects of the core, in the order of the link. */
  readonly paths: readonly string[];
  readonly identities: readonly string[];
  /** Of the code that makes it. */
  readonly code: string;
  readonly onProgress: OnProgress;
}

export async function ensureCore(request: CoreRequest): Promise<Core> {
  const { tree, script, paths, code, onProgress } = request;
  const cores = join(cacheRoot(), 'cores');
  const tables = [await exportedGlobals(tree), await hookArguments(tree)].map(String);
  const dir = join(cores, hashOf(code, ...tables, ...request.identities));
  if (!existsSync(dir)) {
    const onWait = (pid: number): void =>
      onProgress({ type: 'step', text: `waiting for process ${pid}, which joins the same core` });
    await withLock(
      `${dir}.lock`,
      async () => {
        if (existsSync(dir)) return;
        onProgress({ type: 'step', text: 'joining the core, once for all drivers that share it' });
        await mkdir(cores, { recursive: true });
        const temp = await makeTemporary(join(cores, '.new-'));
        try {
          await fill(temp, tree, script, paths);
          await rename(temp, dir);
        } finally {
          await removeTemporary(temp);
        }
      },
      onWait,
    );
  }
  const now = new Date();
  await utimes(dir, now, now).catch(() => {}); // its age is the time of its last use
  return readCore(dir);
}
