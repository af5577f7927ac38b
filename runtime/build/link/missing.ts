// SPDX-License-Identifier: MIT
// What a driver asks of the kernel and this environment does not have: told by name, with what would bring it.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Need } from '../describe/needs.js';
import { run } from '../common/proc.js';
import { readKernelKconfig } from '../kconfig/parse.js';
import { parseConfig, solve } from '../kconfig/solve.js';
import type { Definitions } from '../kbuild/objects.js';
import { STB_LOCAL } from '../../../tracer/elf/elf.js';
import type { Elf } from './elf.js';
import { C_LIBRARY } from './thunks.js';

/** What arch/dde or the linker provides outside the kernel's objects. */
const ELSEWHERE =
  /^(__start_|__stop_|__gcov_|ddekit_|ddet_|dde_|__dde|_GLOBAL_OFFSET_TABLE_$|jiffies$|_?_?(text|stext|etext|sdata|edata|end|bss_start|bss_stop|init_begin|init_end)$)/;

type Kind = Need['kind'];

/** Where a name that a driver needs comes from. `private`: Linux has it but does not export it to modules. */
function kindOf(name: string, core: Definitions, module: boolean): Kind {
  const home = core.home.get(name);
  if (home === undefined) return C_LIBRARY.test(name) ? 'host' : ELSEWHERE.test(name) ? 'port' : 'missing';
  if (home.startsWith('arch/dde/')) return 'port';
  return module && !core.exported.has(name) ? 'private' : 'real';
}

/** Who refers to a name, as `file.c` of the object. */
function usersOf(name: string, objects: readonly { readonly file: string; readonly elf: Elf }[]): string[] {
  return objects
    .filter(({ elf }) => elf.symbols.some((s) => s.name === name && s.section === 0 && s.bind !== STB_LOCAL))
    .map(({ file }) => file);
}

const SEARCHED = [
  'drivers',
  'sound',
  'net',
  'lib',
  'kernel',
  'mm',
  'fs',
  'block',
  'crypto',
  'security',
  'arch/x86',
  'virt',
  'init',
  'ipc',
];

/** The files that export names, by name. */
async function exporters(source: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (names.length === 0) return found;
  const pattern = `EXPORT_SYMBOL[A-Z_]*\\((${names.join('|')})[,) ]`;
  const result = await run('grep', ['-rEo', '--include=*.[cS]', pattern, ...SEARCHED], { cwd: source });
  for (const match of result.stdout.matchAll(/^([^:]+):EXPORT_SYMBOL\w*\((\w+)/gm)) {
    const [, file = '', name = ''] = match;
    if (!found.has(name) || (file.startsWith('arch/') && !found.get(name)?.startsWith('arch/'))) found.set(name, file);
  }
  return found;
}

interface Rule {
  readonly name: string;
  /** Without CONFIG_; undefined: always built when the folder is. */
  readonly symbol: string | undefined;
}

/** The options that have to be set so that the makefile of `dir` builds `target` (`foo.o` or `sub/`). */
function rulesOf(text: string, target: string): Rule[] {
  const rules: Rule[] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const match = /^\s*([\w-]+?)-(?:\$[({]CONFIG_(\w+)[)}]|(y|objs|m))\s*[+:?]?=\s*([^#]*)/.exec(line);
    if (match?.[4]?.split(/\s+/).includes(target)) rules.push({ name: match[1] ?? '', symbol: match[2] });
  }
  return rules;
}

/** Options on the way from a file to the top of the tree, the file's own first. */
async function optionsOf(source: string, file: string): Promise<string[]> {
  const options: string[] = [];
  let dir = dirname(file);
  let target = `${file.slice(dir.length + 1).replace(/\.[cS]$/, '')}.o`;
  for (let step = 0; step < 16 && dir !== '.'; step++) {
    const text =
      (await readFile(join(source, dir, 'Kbuild'), 'utf8').catch(() => undefined)) ??
      (await readFile(join(source, dir, 'Makefile'), 'utf8').catch(() => undefined));
    const rule = text === undefined ? undefined : rulesOf(text, target)[0];
    if (rule?.symbol && !options.includes(rule.symbol)) options.push(rule.symbol);
    if (rule && !/^(obj|lib|core|drivers|net)$/.test(rule.name)) {
      target = `${rule.name}.o`;
      continue;
    }
    target = `${dir.slice(dir.lastIndexOf('/') + 1)}/`;
    dir = dirname(dir);
  }
  return options;
}

async function remedyOf(source: string, tree: string, file: string | undefined, kernel: string): Promise<string> {
  if (file === undefined)
    return `nothing in ${kernel} exports it: it was renamed or removed, or belongs to another module`;
  if (file.startsWith('arch/')) return `it belongs to x86 (${file}) and is not in this environment`;
  const options = await optionsOf(source, file);
  const kconfig = readKernelKconfig(tree);
  const base = parseConfig(await readFile(join(tree, 'obj/.config'), 'utf8'));
  const off = options.filter((name) => (base.get(name) ?? 'n') !== 'y');
  const [first] = off;
  if (first === undefined) return `${file} has it, and is built: the function is behind an option inside the file`;
  const { assignments, reason } = solve(kconfig, base, off);
  if (reason === undefined) {
    const prompted = off.find((name) => assignments.has(name)) ?? [...assignments.keys()][0] ?? first;
    return `${file}, CONFIG_${first}: --config CONFIG_${prompted}=y`;
  }
  return `${file}, CONFIG_${first}, which cannot be had here: ${reason}`;
}

export interface NeedsRequest {
  readonly needed: ReadonlySet<string>;
  readonly defined: Definitions;
  readonly objects: readonly { readonly file: string; readonly elf: Elf }[];
  /** The pristine source. */
  readonly source: string;
  readonly tree: string;
  /** For messages. */
  readonly kernel: string;
  readonly module: boolean;
}

/** Every symbol that a driver needs, by name, with what would bring it where it is not there. */
export async function describeNeeds(request: NeedsRequest): Promise<Need[]> {
  const { needed, defined, objects, source, tree, kernel, module } = request;
  const names = [...needed].sort().map((name) => ({ name, kind: kindOf(name, defined, module) }));
  const missing = names.filter(({ kind }) => kind === 'missing').map(({ name }) => name);
  const files = module ? await exporters(source, missing) : new Map<string, string>();
  const needs: Need[] = [];
  for (const { name, kind } of names) {
    const home = defined.home.get(name);
    const need: Need = { name, kind, ...(home === undefined ? {} : { home }), users: usersOf(name, objects) };
    if (!module || !isLacking(need)) needs.push(need);
    else if (kind === 'private') needs.push({ ...need, remedy: `${kernel} does not export it to modules` });
    else needs.push({ ...need, remedy: await remedyOf(source, tree, files.get(name), kernel) });
  }
  return needs;
}

export function isLacking({ kind }: Need): boolean {
  return kind === 'missing' || kind === 'private';
}

export function missingLine({ name, users, remedy }: Need): string {
  return `${name} (used by ${users.join(', ')}): ${remedy ?? ''}`;
}
