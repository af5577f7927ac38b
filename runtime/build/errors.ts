// SPDX-License-Identifier: MIT
// Every fault a build can show to its user. `exitCode` follows the table in ARCHITECTURE.md, section 2.

export type BuildErrorCode =
  | 'ERR_DDE_USAGE'
  | 'ERR_DDE_UNKNOWN_DRIVER'
  | 'ERR_DDE_BAD_SAMPLE'
  | 'ERR_DDE_MISSING_SOURCE'
  | 'ERR_DDE_MISSING_TOOL'
  | 'ERR_DDE_UNMET_DEPENDENCY'
  | 'ERR_DDE_COMPILE'
  | 'ERR_DDE_LINK'
  | 'ERR_DDE_MISSING_SYMBOL'
  | 'ERR_DDE_NO_OBJECTS'
  | 'ERR_DDE_BAD_ELF'
  | 'ERR_DDE_SOURCE'
  | 'ERR_DDE_DISK';

export class BuildError extends Error {
  readonly code: BuildErrorCode;
  readonly exitCode: number;
  /** What the compiler, Kbuild or the linker wrote, as it was written. */
  readonly output: string | undefined;
  /** The command that would help, if one is known. */
  readonly advice: string | undefined;
  /** Of a driver that asks for what is not there: describe/needs.ts. */
  readonly needs: unknown;

  constructor(
    code: BuildErrorCode,
    exitCode: number,
    message: string,
    more: { output?: string; advice?: string; cause?: unknown; needs?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'BuildError';
    this.code = code;
    this.exitCode = exitCode;
    this.output = more.output;
    this.advice = more.advice;
    this.needs = more.needs;
  }
}

export function usage(message: string): BuildError {
  return new BuildError('ERR_DDE_USAGE', 2, message);
}

export function unknownDriver(spec: string, why: string): BuildError {
  return new BuildError('ERR_DDE_UNKNOWN_DRIVER', 2, `unknown driver '${spec}': ${why}`);
}

export function badSample(file: string, why: string): BuildError {
  return new BuildError('ERR_DDE_BAD_SAMPLE', 2, `${file}: ${why}`);
}

export function missingSource(series: string, file: string): BuildError {
  return new BuildError('ERR_DDE_MISSING_SOURCE', 3, `the source of Linux ${series} is missing: ${file}`, {
    advice: `apt-get install linux-source-${series}`,
  });
}

export function missingTool(tool: string, debianPackage: string): BuildError {
  return new BuildError('ERR_DDE_MISSING_TOOL', 3, `the program '${tool}' is missing`, {
    advice: `apt-get install ${debianPackage}`,
  });
}

export interface Unmet {
  /** Without CONFIG_. */
  readonly symbol: string;
  readonly why: string;
}

/** All of them at once: whoever mends one wants to know of the others. */
export function unmetDependencies(unmet: readonly Unmet[]): BuildError {
  const lines = unmet.map(({ symbol, why }) => `CONFIG_${symbol} cannot be switched on in this kernel: ${why}`);
  return new BuildError('ERR_DDE_UNMET_DEPENDENCY', 4, lines.join('\n'));
}

/** As tar, make, gcc and the linker report errno, in the C locale. */
const DISK =
  /No space left on device|Disk quota exceeded|Read-only file system|Input\/output error|File too large|Wrote only \d+ of \d+ bytes/;

/** A tool failed because of the disk, not because of what it was given. */
function diskOf(what: string, output: string): BuildError | undefined {
  const found = DISK.exec(output)?.[0];
  if (found === undefined) return undefined;
  return new BuildError('ERR_DDE_DISK', 10, `${what} failed: ${found}`, {
    output,
    advice: 'Free some space, or name another cache folder in DDE_PROFILE_CACHE.',
  });
}

export function extractFailed(tarball: string, output: string): BuildError {
  const why = diskOf(`extracting ${tarball}`, output);
  return why ?? new BuildError('ERR_DDE_SOURCE', 10, `extracting ${tarball} failed`, { output });
}

export function compileFailed(what: string, output: string): BuildError {
  const disk = diskOf(`compiling ${what}`, output);
  if (disk !== undefined) return disk;
  return new BuildError('ERR_DDE_COMPILE', 4, `compiling ${what} failed`, { output });
}

export function linkFailed(what: string, output: string): BuildError {
  const disk = diskOf(`linking ${what}`, output);
  if (disk !== undefined) return disk;
  return new BuildError('ERR_DDE_LINK', 4, `linking ${what} failed`, { output });
}

export function noObjects(what: string): BuildError {
  return new BuildError('ERR_DDE_NO_OBJECTS', 4, `Kbuild made no object for ${what}`);
}

/** `unset`: makefile lines whose option is not set. */
export function noModule(dir: string, unset: readonly string[]): BuildError {
  const why =
    unset.length > 0
      ? `the options of its modules are not set:\n  ${unset.join('\n  ')}`
      : 'its makefiles name no module (obj-m += NAME.o)';
  return new BuildError('ERR_DDE_NO_OBJECTS', 4, `Kbuild made no module in ${dir}: ${why}`);
}

/** `needs`: all that `build --explain` would tell. */
export function missingSymbols(what: string, lines: readonly string[], needs?: unknown): BuildError {
  const count = lines.length === 1 ? 'a symbol that is' : `${lines.length} symbols that are`;
  return new BuildError('ERR_DDE_MISSING_SYMBOL', 4, `${what} needs ${count} not there:\n  ${lines.join('\n  ')}`, {
    needs,
  });
}

export function badElf(file: string, why: string): BuildError {
  return new BuildError('ERR_DDE_BAD_ELF', 4, `${file}: ${why}`);
}

export function diskFailure(cause: NodeJS.ErrnoException): BuildError {
  return new BuildError('ERR_DDE_DISK', 10, `writing the build cache failed: ${cause.message}`, {
    cause,
    advice: 'Free some space, or name another cache folder in DDE_PROFILE_CACHE.',
  });
}
