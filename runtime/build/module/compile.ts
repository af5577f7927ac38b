// SPDX-License-Identifier: MIT
// Compiles an out-of-tree module's folders with Kbuild, as modules, and tells which modules came of it.
import { existsSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { noModule } from '../errors.js';
import { type KernelObject, parseCmd } from '../kbuild/objects.js';
import type { Kbuild } from '../kbuild/kbuild.js';
import { SANITIZE } from './sanitize.js';
import { kernelMakes, type KernelMake } from './make.js';
import { kbuildFile, makefiles, type Mirror, mirrorModule, realPath } from './mirror.js';

export interface BuiltModule {
  /** As lsmod shows it. */
  readonly name: string;
  /** `path` is absolute, `shown` relative to the module's folder. */
  readonly objects: readonly KernelObject[];
}

export interface CompiledModules {
  readonly modules: readonly BuiltModule[];
  /** Files outside the module's folder that were read. */
  readonly outside: readonly string[];
  readonly mirror: Mirror;
}

/** Folders whose symbols a module's makefile asks for: `KBUILD_EXTRA_SYMBOLS := $(src)/../core/Module.symvers`. */
async function symbolFolders(dir: string): Promise<string[]> {
  const found = new Set<string>();
  for (const [file, text] of await makefiles(dir)) {
    for (const match of text.replace(/\\\n/g, ' ').matchAll(/KBUILD_EXTRA_SYMBOLS\s*[:+?]?=\s*([^\n#]*)/g)) {
      for (const word of (match[1] ?? '').split(/\s+/)) {
        const path = word.replace(/\$[({](src|obj|M|PWD|CURDIR|shell pwd|KBUILD_EXTMOD)[)}]/g, dirname(file));
        if (/Module\.symvers$/.test(path) && !path.includes('$')) found.add(dirname(resolve(dirname(file), path)));
      }
    }
  }
  return [...found].filter((folder) => folder !== dir && kbuildFile(folder) !== undefined);
}

/** What has to be built for a module's folder, dependencies first. */
async function plan(
  from: string,
  work: string,
  kernel: string,
  version: string,
): Promise<{ mirror: Mirror; makes: KernelMake[] }> {
  const makes: KernelMake[] = [];
  for (const other of await symbolFolders(from)) {
    const { dir } = await mirrorModule(other, work);
    const found = await kernelMakes({ dir, work, kernel, version });
    makes.push(...(found.length > 0 ? found : [{ dir, variables: {}, env: {} }]));
  }
  const mirror = await mirrorModule(from, work);
  const { dir } = mirror;
  const own = await kernelMakes({ dir, work, kernel, version });
  makes.push(...(own.length > 0 ? own : [{ dir, variables: {}, env: {} }]));
  return { mirror, makes: makes.filter((make, i) => makes.findIndex((m) => m.dir === make.dir) === i) };
}

async function readObject(path: string, mirror: Mirror): Promise<KernelObject> {
  const text = await readFile(join(dirname(path), `.${basename(path)}.cmd`), 'utf8').catch(() => '');
  const source = /^source_\S+ := (\/\S+)/m.exec(text)?.[1];
  const own = [...text.matchAll(/^\s+(\/\S+\.[chS]\w*)/gm)].map((match) => match[1] ?? '');
  const absolute = [...(source ? [source] : []), ...own].map((file) => realPath(resolve(file), mirror));
  const shown = relative(mirror.from, realPath(path, mirror));
  return {
    path,
    shown,
    module: parseCmd(text).module,
    sources: [...new Set([...absolute, ...parseCmd(text).sources])],
  };
}

/** The modules of a folder, out of modules.order: names end in .ko (6.1) or .o (6.12). */
async function modulesIn(dir: string, mirror: Mirror): Promise<BuiltModule[]> {
  const order = await readFile(join(dir, 'modules.order'), 'utf8').catch(() => '');
  const modules: BuiltModule[] = [];
  for (const line of order.split('\n').filter((l) => l !== '')) {
    const base = resolve(dir, line.replace(/\.k?o$/, ''));
    const list = (await readFile(`${base}.mod`, 'utf8').catch(() => ''))
      .split(/\s+/)
      .filter((word) => word.endsWith('.o'));
    const paths = list.map((word) => resolve(dir, word)).filter((path) => existsSync(path));
    modules.push({
      name: basename(base).replaceAll('-', '_'),
      objects: await Promise.all([...new Set(paths)].map((path) => readObject(path, mirror))),
    });
  }
  return modules;
}

/** Options that would build something here and are not set. */
async function unsetOptions(dir: string, from: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [file, text] of await makefiles(dir)) {
    for (const match of text.replace(/\\\n/g, ' ').matchAll(/^\s*obj-\$[({](CONFIG_\w+)[)}]\s*[:+?]?=\s*([^\n#]+)/gm)) {
      lines.push(
        `${relative(from, realPathOf(file, dir, from))}: ${match[2]?.trim()} is built with ${match[1]}: --config ${match[1]}=m`,
      );
    }
  }
  return lines;
}

function realPathOf(file: string, dir: string, from: string): string {
  return join(from, relative(dir, file));
}

export interface CompileRequest {
  /** The user's folder. */
  readonly from: string;
  readonly work: string;
  readonly version: string;
  /** CONFIG_X=m of the command line. */
  readonly variables: Readonly<Record<string, string>>;
}

export async function compileModules(
  kbuild: Kbuild,
  { from, work, version, variables }: CompileRequest,
): Promise<CompiledModules> {
  const kernel = join(kbuild.options.tree, 'obj');
  const { mirror, makes } = await plan(from, work, kernel, version);
  const modules: BuiltModule[] = [];
  for (const make of makes) {
    await rm(join(make.dir, 'modules.order'), { force: true });
    await kbuild.compileModule(make.dir, mirror, { ...SANITIZE, ...make.variables, ...variables }, make.env);
    for (const module of await modulesIn(make.dir, mirror)) {
      if (module.objects.length > 0 && !modules.some((m) => m.name === module.name)) modules.push(module);
    }
  }
  if (modules.length === 0) throw noModule(from, await unsetOptions(mirror.dir, from));
  return { modules, outside: await outsideFiles(modules, mirror), mirror };
}

/** What was read outside the module's folder and the kernel: a change there makes the build stale. */
async function outsideFiles(modules: readonly BuiltModule[], mirror: Mirror): Promise<string[]> {
  const found = new Set<string>();
  for (const real of modules.flatMap((m) => m.objects).flatMap((o) => o.sources)) {
    if (!real.startsWith('/')) continue;
    const inside = real === mirror.from || real.startsWith(`${mirror.from}/`);
    if (!inside && (await stat(real).catch(() => undefined))?.isFile()) found.add(real);
  }
  return [...found].sort();
}
