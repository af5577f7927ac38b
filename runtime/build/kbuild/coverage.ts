// SPDX-License-Identifier: MIT
// The driver's objects once more, counting which lines and branches run: by the very command that Kbuild compiled them with. The kernel
// is not compiled again. gcc's notes (.gcno) stay beside the objects.
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { compileFailed } from '../errors.js';
import { repoRoot } from '../common/paths.js';
import { run } from '../common/proc.js';
import type { Mirror } from '../module/mirror.js';
import type { KernelObject } from './objects.js';

export interface CoverageRequest {
  /** Gets the objects 0.o, 1.o ... and their notes. Named obj: dde-cc.sh lets a module's compiler write there. */
  readonly dir: string;
  /** As of the make that compiled the objects. */
  readonly env: Readonly<Record<string, string>>;
  /** `OLD=NEW` for the beginnings of source paths. */
  readonly prefixes: readonly string[];
}

/** Single: there is one virtual CPU. */
const FLAGS = ['-fprofile-arcs', '-ftest-coverage', '-fprofile-update=single'];

/** Constructors of the counters' tables: DDEKit calls them (end/coverage.c), not Linux and not the C library. */
const SECTION = ['--rename-section', '.init_array.00100=dde_coverage', '--remove-section', '.fini_array.00100'];

/** What the compiler wrapper wants to know, as in Kbuild.make(). */
export function compilerEnv(mirror?: Mirror): Record<string, string> {
  return {
    DDE_ARCH_DIR: join(repoRoot(), 'runtime/arch/dde'),
    ...(mirror && { DDE_MODULE_COPY: mirror.root, DDE_MODULE_CHAIN: mirror.dir, DDE_MODULE_DIR: mirror.from }),
  };
}

/** The command of a .cmd file as one that writes `object`; undefined for what is no C. */
export function coverageCommand(cmd: string, object: string, prefixes: readonly string[]): string | undefined {
  const line = cmd.slice(0, Math.max(0, cmd.indexOf('\n')));
  const command = /^(?:saved)?cmd_\S+ := (.*)$/.exec(line)?.[1]?.split(/ ; /)[0];
  if (command === undefined || !/ -c -o \S+ \S+\.c\s*$/.test(command)) return undefined;
  const flags = [...FLAGS, ...prefixes.map((prefix) => `-fprofile-prefix-map=${prefix}`)].join(' ');
  return command
    .replaceAll('$$', '$')
    .replaceAll('\\#', '#')
    .replace(/ -Wp,-MMD,\S+/, '')
    .replace(/ -c -o \S+ /, ` ${flags} -c -o ${object} `);
}

/** Returns where the object is now: the old one for assembler. */
export async function compileCounting(
  obj: string,
  object: KernelObject,
  number: number,
  { dir, env, prefixes }: CoverageRequest,
): Promise<string> {
  const path = isAbsolute(object.path) ? object.path : join(obj, object.path);
  const cmd = await readFile(join(dirname(path), `.${basename(path)}.cmd`), 'utf8').catch(() => '');
  const made = join(dir, `${number}.o`);
  const command = coverageCommand(cmd, made, prefixes);
  if (command === undefined) return path;
  const compiled = await run('sh', ['-c', command], { cwd: obj, env });
  if (compiled.code !== 0) throw compileFailed(object.shown ?? object.path, compiled.output);
  const moved = await run('objcopy', [...SECTION, made], { cwd: obj });
  if (moved.code !== 0) throw compileFailed(object.shown ?? object.path, moved.output);
  return made;
}
