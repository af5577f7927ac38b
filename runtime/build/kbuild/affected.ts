// SPDX-License-Identifier: MIT
// Which folders a changed configuration touches: those whose makefiles name a changed option, and those with an object that was compiled
// with its old value. Going through all of Linux to find that out takes make ten times as long as compiling a driver.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../kconfig/solve.js';
import { run } from '../common/proc.js';

/** An option: the folders whose makefiles name it. */
type OptionFolders = Readonly<Record<string, readonly string[]>>;

/** In the order of the link. */
const ROOTS = [
  'init',
  'usr',
  'arch',
  'kernel',
  'certs',
  'mm',
  'fs',
  'ipc',
  'security',
  'crypto',
  'io_uring',
  'block',
  'lib',
  'drivers',
  'sound',
  'net',
  'virt',
];
/** More than this, and make may as well look at all. */
const MOST_FOLDERS = 24;

/** `drivers/net/Makefile:CONFIG_MII` */
export function readMentions(lines: string): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const [, file = '', option = ''] of lines.matchAll(/^([^:\n]+):CONFIG_(\w+)$/gm)) {
    const folders = found.get(option) ?? new Set<string>();
    found.set(option, folders.add(dirname(file)));
  }
  return Object.fromEntries([...found].map(([option, folders]) => [option, [...folders]]));
}

/** Of the pristine source; kept in `cacheFile`, as it takes a second to read. */
async function optionFolders(source: string, cacheFile: string): Promise<OptionFolders> {
  const kept = await readFile(cacheFile, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as OptionFolders;
  const roots = (await readdir(source)).filter((name) => name !== 'arch' && ROOTS.includes(name));
  const read = await run('grep', ['-roE', '--include=Makefile', '--include=Kbuild', 'CONFIG_[A-Za-z0-9_]+', ...roots], {
    cwd: source,
  });
  const found = readMentions(read.stdout);
  await mkdir(dirname(cacheFile), { recursive: true });
  const temp = `${cacheFile}.${process.pid}`;
  await writeFile(temp, JSON.stringify(found));
  await rename(temp, cacheFile);
  return found;
}

/** Options whose values differ. Undefined: one was switched off, and objects that are there may have to go. */
export function changedOptions(before: Config, after: Config): string[] | undefined {
  const on = (value: string | undefined): boolean => value !== undefined && value !== 'n';
  for (const [name, value] of before) if (on(value) && !on(after.get(name))) return undefined;
  return [...after].filter(([name, value]) => on(value) && before.get(name) !== value).map(([name]) => name);
}

/** Folders of objects that were compiled with another value. */
async function compiledWith(obj: string, options: readonly string[]): Promise<string[]> {
  const pattern = `include/config/(${options.join('|')})\\)`;
  const found = await run('grep', ['-rlE', '--include=.*.o.cmd', '-e', pattern, '.'], { cwd: obj });
  const folders = found.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => dirname(line.slice('./'.length)));
  return folders.filter((folder) => !/^(scripts|tools)(\/|$)/.test(folder));
}

/** Without those that lie in another one. */
export function outermost(folders: readonly string[]): string[] {
  const all = [...new Set(folders)].sort();
  return all.filter((folder) => !all.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}

export interface Change {
  readonly source: string;
  readonly obj: string;
  readonly before: Config;
  readonly after: Config;
  readonly cacheFile: string;
}

/** The folders to make; undefined when all of Linux has to be gone through. */
export async function affectedFolders({
  source,
  obj,
  before,
  after,
  cacheFile,
}: Change): Promise<string[] | undefined> {
  const options = changedOptions(before, after);
  if (options === undefined) return undefined;
  if (options.length === 0) return [];
  const byOption = await optionFolders(source, cacheFile);
  const named = options.flatMap((option) => byOption[option] ?? []);
  const folders = outermost([...named, ...(await compiledWith(obj, options))]);
  if (
    folders.length === 0 ||
    folders.length > MOST_FOLDERS ||
    folders.some((folder) => AS_MUCH_AS_ALL.includes(folder))
  )
    return undefined;
  return inLinkOrder(folders, async (dir) => {
    const texts = ['Kbuild', 'Makefile'].map((name) => readFile(join(source, dir, name), 'utf8').catch(() => ''));
    return (await Promise.all(texts)).join('\n');
  });
}

const AS_MUCH_AS_ALL = ['.', 'arch/dde', 'drivers', 'net'];

/** Folders as Kbuild comes to them: the roots' order, below it that in which a makefile names them. */
export async function inLinkOrder(
  folders: readonly string[],
  makefile: (dir: string) => Promise<string>,
): Promise<string[]> {
  const keys = await Promise.all(
    folders.map(async (folder) => {
      const parts = folder.split('/');
      const places = [ROOTS.indexOf(parts[0] ?? '')];
      for (let i = 1; i < parts.length; i++) {
        const text = await makefile(parts.slice(0, i).join('/'));
        places.push(text.search(new RegExp(`(?<![\\w/-])${parts[i]?.replace(/[^\w-]/g, '\\$&')}/`)));
      }
      return { folder, places };
    }),
  );
  const compare = (a: readonly number[], b: readonly number[]): number =>
    a.map((place, i) => place - (b[i] ?? -1)).find((difference) => difference !== 0) ?? 0;
  return keys.sort((a, b) => compare(a.places, b.places)).map(({ folder }) => folder);
}
