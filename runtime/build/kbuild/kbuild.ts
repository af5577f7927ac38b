// SPDX-License-Identifier: MIT
// The kernel's own build system: configuring a tree, compiling it, and what went wrong in gcc's words.
import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { compileFailed, missingTool } from '../errors.js';
import { hashOf } from '../common/hash.js';
import { parseConfig } from '../kconfig/solve.js';
import { cacheRoot, repoRoot } from '../common/paths.js';
import { type RunResult, run } from '../common/proc.js';
import type { OnProgress } from '../common/progress.js';
import type { Mirror } from '../module/mirror.js';
import type { KernelSource } from '../source/source.js';

export interface Toolchain {
  /** The wrapper: CC of every make. */
  readonly cc: string;
  /** Kernel package, compiler and flags. */
  readonly lineage: string;
  /** Function entries can be patched, and calls of the driver go through thunks. */
  readonly instrumented: boolean;
}

const LINKER_SCRIPT = 'arch/dde/kernel/dde.lds';

/** What makes every function traceable, in the compiler wrapper. */
const SITES = ' -fpatchable-function-entry=5';
/** And what leaves the typed events out, too (tracer/abi/ddetrace.h). */
const NOTHING = ' -DDDET_NO_EVENTS';

export async function ensureToolchain(source: KernelSource, instrumented = true): Promise<Toolchain> {
  const template = await readFile(join(repoRoot(), 'runtime/build/kbuild/dde-cc.sh'), 'utf8');
  const text = template.replaceAll('@SOURCE@', source.dir).replace(SITES, instrumented ? SITES : NOTHING);
  const version = (await run('gcc', ['-v'])).output;
  const lineage = hashOf(source.id, text, version);
  const cc = join(cacheRoot(), 'cc', lineage, 'dde-cc');
  const old = await readFile(cc, 'utf8').catch(() => undefined);
  if (old !== text) {
    await mkdir(dirname(cc), { recursive: true });
    const temp = `${cc}.${process.pid}`;
    await writeFile(temp, text);
    await chmod(temp, 0o755);
    await rename(temp, cc);
  }
  return { cc, lineage, instrumented };
}

export interface MakeOptions {
  readonly tree: string;
  readonly cc: string;
  /** What the log and an error call it. */
  readonly what: string;
  readonly onProgress: OnProgress;
  /** For the progress bar. */
  readonly expected?: number;
  /** Go on after an error, so that the next attempt finds the rest done. */
  readonly keepGoing?: boolean;
  /** Default: build.log in the tree. */
  readonly log?: string;
}

/** Lines by which Kbuild tells what it does: `  CC      drivers/net/mii.o`. */
const QUIET = /^ {2}([A-Z][A-Z0-9_]*(?: \[M\])?) +(\S.*)$/;
const COMPILES = new Set(['CC', 'AS']);

/** What says nothing about the user's code: make's account of itself, and warnings of the pristine kernel. */
const NOISE = [
  QUIET,
  /^make(\[\d+\])?: (Entering|Leaving|Nothing)/,
  /^make(\[\d+\])?: \*\*\* (\[.*\] Error \d|Waiting for|Deleting file)/,
  /^make(\[\d+\])?: Target .* not remade/,
  /Kconfig\S*:\d+:warning:|^\S*Kconfig:\d+: warning:/,
  /^<stdin>:\d+:\d+: warning: #warning syscall/,
];

/** What is left when that is taken away: gcc's words. */
export function compilerOutput(output: string): string {
  const lines = output.split('\n');
  const kept = lines.filter((line) => !NOISE.some((noise) => noise.test(line)));
  return kept.join('\n').trim();
}

/** Paths as the user knows them: Kbuild compiles in the O= folder. */
function userPaths(text: string, source: KernelSource | undefined, mirror?: Mirror): string {
  let shown = text.replaceAll('../arch/dde/include/ddekit/', `${repoRoot()}/runtime/ddekit/include/ddekit/`);
  shown = shown.replaceAll('../arch/dde/', `${repoRoot()}/runtime/arch/dde/`);
  if (mirror) shown = shown.replaceAll(mirror.dir, mirror.from).replaceAll(mirror.root, '');
  if (source) shown = shown.replace(/(^|[\s:])\.\.\//gm, `$1${source.dir}/`);
  return shown;
}

/** Include folders, forced headers and definitions of a compile, out of its .cmd file. */
export function includeFlags(command: string): string[] {
  const line = command.slice(0, command.indexOf('\n')).replace(/^\S+ := \S+/, '');
  const flags: string[] = [];
  for (const match of line.matchAll(/ -nostdinc| -I ?\S+| -include (\S+)| -D[A-Z_]\w*(?:=\w+)?(?= )/g)) {
    // The compiler's own types are C only.
    if (!match[1]?.endsWith('compiler_types.h')) flags.push(...match[0].trim().split(' '));
  }
  return flags;
}

export class Kbuild {
  readonly options: MakeOptions;
  readonly source: KernelSource;
  compiled = 0;

  constructor(source: KernelSource, options: MakeOptions) {
    this.source = source;
    this.options = options;
  }

  async make(
    targets: readonly string[],
    variables: Readonly<Record<string, string>> = {},
    module?: { readonly mirror: Mirror; readonly dir: string; readonly env: Readonly<Record<string, string>> },
  ): Promise<RunResult> {
    const { tree, cc, onProgress, expected, keepGoing } = this.options;
    const log = createWriteStream(this.options.log ?? join(tree, 'build.log'), { flags: 'a' });
    const args = ['O=obj', 'ARCH=dde', `CC=${cc}`, `-j${cpus().length}`, '--no-print-directory'];
    if (keepGoing) args.push('-k');
    // The same source gives the same executable.
    args.push('KBUILD_BUILD_USER=dde', 'KBUILD_BUILD_HOST=profile', 'KBUILD_BUILD_VERSION=1');
    args.push('KBUILD_BUILD_TIMESTAMP=1970-01-01');
    for (const [name, value] of Object.entries(variables)) args.push(`${name}=${value}`);
    log.write(`$ make ${[...args, ...targets].join(' ')}\n`);
    const env: Record<string, string> = { ...module?.env, DDE_ARCH_DIR: join(repoRoot(), 'runtime/arch/dde') };
    if (module) {
      const { root, dir, from } = module.mirror;
      Object.assign(env, { DDE_MODULE_COPY: root, DDE_MODULE_CHAIN: dir, DDE_MODULE_DIR: from, PWD: module.dir });
    }
    const result = await run('make', [...args, ...targets], {
      cwd: tree,
      env,
      onLine: (line) => {
        const quiet = QUIET.exec(line);
        if (!quiet?.[1] || !COMPILES.has(quiet[1])) return;
        this.compiled++;
        const count = { type: 'count' as const, text: quiet[2] ?? '', done: this.compiled };
        onProgress(expected === undefined ? count : { ...count, total: expected });
      },
    });
    await new Promise<void>((resolve) => log.end(result.output, () => resolve()));
    if (result.code !== 0) {
      const missing = /\b(flex|bison|bc|perl|ld|as): (?:command )?not found/.exec(result.output)?.[1];
      if (missing) throw missingTool(missing, missing === 'ld' || missing === 'as' ? 'binutils' : missing);
      throw compileFailed(this.options.what, userPaths(compilerOutput(result.output), this.source, module?.mirror));
    }
    return result;
  }

  async readConfig(): Promise<Map<string, string>> {
    return parseConfig(await readFile(join(this.options.tree, 'obj/.config'), 'utf8'));
  }

  /** Sets `fragment` on top of the tree's configuration (of allnoconfig in an empty one). */
  async configure(fragment: string): Promise<Map<string, string>> {
    const file = join(this.options.tree, 'obj/.config');
    let old = await readFile(file, 'utf8').catch(() => undefined);
    if (old === undefined) {
      await this.make(['allnoconfig']);
      old = await readFile(file, 'utf8');
    }
    const wanted = parseConfig(fragment);
    const kept = old.split('\n').filter((line) => {
      const name = /^(?:# )?CONFIG_(\w+)[= ]/.exec(line)?.[1];
      return name === undefined || !wanted.has(name);
    });
    await writeFile(file, `${kept.join('\n')}\n${fragment}\n`);
    await this.make(['olddefconfig']);
    return this.readConfig();
  }

  /**
   * Compiles everything that is configured; nothing is linked. The one goal that needs exactly all objects and library
   * archives is the compilation database (vmlinux.a itself cannot be asked for: Kbuild takes *.a for a single object's name).
   * The database is not wanted, so its generator is replaced by true(1).
   */
  async compile(): Promise<void> {
    await this.make(['compile_commands.json'], { PYTHON3: 'true' });
  }

  /** Compiles again only in these folders of arch/dde: the archives above name objects, they do not hold them. */
  async compileFolders(folders: readonly string[]): Promise<void> {
    if (folders.length > 0) await this.make(folders.map((folder) => `${folder}/`));
  }

  /** Compiles the modules of a folder in the mirror; nothing is linked, and modpost is not run. Everything else must be compiled. */
  async compileModule(
    dir: string,
    mirror: Mirror,
    variables: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.make([dir], { M: dir, KBUILD_MODULES: '1', ...variables }, { mirror, dir, env });
  }

  /**
   * Preprocesses arch/dde's linker script with the flags of the object beside it (asking Kbuild for it would take seconds), unless
   * the tree has it. Returns its path.
   */
  async linkerScript(): Promise<string> {
    const obj = join(this.options.tree, 'obj');
    const made = join(obj, LINKER_SCRIPT);
    if (existsSync(made)) return made;
    const command = await readFile(join(obj, dirname(LINKER_SCRIPT), '.setup.o.cmd'), 'utf8');
    const args = [
      '-E',
      '-P',
      '-x',
      'assembler-with-cpp',
      '-D__ASSEMBLY__',
      '-DLINKER_SCRIPT',
      ...includeFlags(command),
    ];
    const temp = `${LINKER_SCRIPT}.${process.pid}`;
    const result = await run('gcc', [...args, '-o', temp, `../${LINKER_SCRIPT}.S`], { cwd: obj });
    if (result.code !== 0) throw compileFailed(LINKER_SCRIPT, userPaths(result.output, this.source));
    await rename(join(obj, temp), made);
    return made;
  }
}
