// SPDX-License-Identifier: MIT
// Makes one object of a module, as modpost and `ld -r` do: what it does not export is its own, and it has a struct module. What differs:
// its parameters get a section of their own, since Linux takes __param of the image for built-in parameters.
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../common/hash.js';
import { checked } from './core-object.js';
import type { Elf } from './elf.js';

export interface ModuleParts {
  readonly name: string;
  /** Its number: of the section of parameters. */
  readonly index: number;
  /** Instrumented objects, absolute or relative to the O= folder. */
  readonly objects: readonly string[];
  readonly elfs: readonly Elf[];
}

/** NAME=value strings of MODULE_INFO. */
export function moduleInfo(elfs: readonly Elf[]): Map<string, string> {
  const info = new Map<string, string>();
  for (const elf of elfs) {
    for (const section of elf.sections.filter((s) => s.name === '.modinfo')) {
      const text = elf.bytes.toString('utf8', section.offset, section.offset + section.size);
      for (const item of text.split('\0')) {
        const at = item.indexOf('=');
        if (at > 0 && !info.has(item.slice(0, at))) info.set(item.slice(0, at), item.slice(at + 1));
      }
    }
  }
  return info;
}

/** Names of EXPORT_SYMBOL. */
export function exportedNames(elfs: readonly Elf[]): string[] {
  const marks = elfs
    .flatMap((elf) => elf.symbols)
    .map((s) => /^(?:__ksymtab_|__export_symbol_)(\w+)$/.exec(s.name)?.[1]);
  return [...new Set(marks.filter((name) => name !== undefined))];
}

function defines(elfs: readonly Elf[], name: string): boolean {
  return elfs.some((elf) => elf.symbols.some((s) => s.name === name && s.section !== 0));
}

/** The C file that modpost would write, and the module's row for arch/dde/workload/modules.c. */
function moduleSource({ name, index, elfs }: ModuleParts): string {
  const info = moduleInfo(elfs);
  const text = (value: string): string => JSON.stringify(value).replace(/[^\x20-\x7e]/g, '?');
  return [
    '/* Generated. */',
    '#include <linux/module.h>',
    `extern struct kernel_param __start_dde_param_${index}[] __attribute__((weak)), __stop_dde_param_${index}[] __attribute__((weak));`,
    'struct module __this_module __attribute__((section(".data.dde_module"))) = {',
    `\t.name = ${text(name)},`,
    ...(defines(elfs, 'init_module') ? ['\t.init = init_module,'] : []),
    ...(defines(elfs, 'cleanup_module') ? ['\t.exit = cleanup_module,'] : []),
    ...['version', 'srcversion'].flatMap((key) => (info.has(key) ? [`\t.${key} = ${text(info.get(key) ?? '')},`] : [])),
    '};',
    'static const struct { struct module *mod; struct kernel_param *params, *params_end; } row',
    `\t__attribute__((section("dde_modules"), used, aligned(8))) = { &__this_module, __start_dde_param_${index}, __stop_dde_param_${index} };`,
    '',
  ].join('\n');
}

export interface ModulePlaces {
  /** The kernel's O= folder. */
  readonly obj: string;
  readonly dir: string;
  /** Outlasts the build: an edit of the module seldom changes its struct module. */
  readonly work: string;
  /** How the kernel's C files are compiled (includeFlags). */
  readonly flags: readonly string[];
}

/** Returns the object's path. */
export async function joinModule(parts: ModuleParts, { obj, dir, work, flags }: ModulePlaces): Promise<string> {
  const { name, index, objects, elfs } = parts;
  const base = join(dir, `module-${index}`);
  const text = moduleSource(parts);
  const defs = [
    '-DMODULE',
    `-DKBUILD_MODNAME="${name}"`,
    `-DKBUILD_BASENAME="${name}.mod"`,
    `-DKBUILD_MODFILE="${name}"`,
  ];
  const rows = join(work, 'rows', hashOf(obj, text, ...flags, ...defs));
  const row = join(rows, `${name}.mod.o`);
  if (!existsSync(row)) {
    await mkdir(rows, { recursive: true });
    await writeFile(join(rows, `${name}.mod.c`), text);
    await checked(
      name,
      'gcc',
      [...flags, '-std=gnu11', '-w', '-fno-pie', ...defs, '-c', '-o', `${row}.new`, join(rows, `${name}.mod.c`)],
      obj,
    );
    await rename(`${row}.new`, row);
  }
  await checked(name, 'ld', ['-r', '-o', `${base}.all.o`, ...objects, row], obj);
  await writeFile(`${base}.exports`, ['__dde_none', ...exportedNames(elfs)].join('\n'));
  const args = [`--keep-global-symbols=${base}.exports`, `--rename-section=__param=dde_param_${index}`];
  await checked(name, 'objcopy', [...args, `${base}.all.o`, `${base}.o`], obj);
  return `${base}.o`;
}
