// SPDX-License-Identifier: MIT
// From any error to a message, advice and an exit code. The parts below state facts; advice is added here.

import { EXIT, type ExitCode } from './exit-codes.js';

/** A fault found by the CLI itself. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly advice: string | undefined;

  constructor(exitCode: ExitCode, message: string, advice?: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
  /** What a compiler or the like wrote. */
  readonly output?: string;
  readonly advice?: string;
  /** Of an internal error: its stack. */
  readonly details?: string;
}

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  ERR_DDE_DEVICE: EXIT.usage,
  ERR_DDE_OPTION: EXIT.usage,
  ERR_DDE_DRIVE: EXIT.usage,
  ERR_DDE_EXPORT_FORMAT: EXIT.usage,
  ERR_DDE_QUERY_SQL: EXIT.usage,
  ERR_DDE_QUERY_FORBIDDEN: EXIT.usage,
  ERR_DDE_QUERY_SET: EXIT.trace,
  ERR_DDE_QUERY_ENGINE: EXIT.missing,
  ERR_DDE_EXPORT_NO_TIMELINE: EXIT.usage,
  ERR_DDE_QEMU: EXIT.backEnd,
  ERR_DDE_BIND_ADDRESS: EXIT.usage,
  ERR_DDE_BIND_NO_DEVICE: EXIT.noMatch,
  ERR_DDE_BIND_IN_USE: EXIT.usage,
  ERR_DDE_BIND_GROUP: EXIT.noMatch,
  ERR_DDE_BIND_MODULE: EXIT.missing,
  ERR_DDE_BIND_REFUSED: EXIT.noMatch,
  ERR_DDE_BIND_RIGHTS: EXIT.hostIo,
  ERR_DDE_TOOL: EXIT.missing,
  ERR_DDE_PROCESS: EXIT.noMatch,
  ERR_DDE_BUILD: EXIT.buildFailed,
  ERR_DDE_OUTPUT: EXIT.hostIo,
  ERR_DDE_ADDON: EXIT.missing,
  ERR_DDE_REGION: EXIT.trace,
  ENOSPC: EXIT.hostIo,
  EDQUOT: EXIT.hostIo,
  EIO: EXIT.hostIo,
  EFBIG: EXIT.hostIo,
  EROFS: EXIT.hostIo,
  EACCES: EXIT.hostIo,
  EPERM: EXIT.hostIo,
  EISDIR: EXIT.hostIo,
  ENOENT: EXIT.hostIo,
  ENOTDIR: EXIT.hostIo,
  EMFILE: EXIT.hostIo,
  ENOMEM: EXIT.hostIo,
};

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space, or write elsewhere with -o.',
  ERR_DDE_DEVICE: '`dde-profile list` shows the devices.',
};

function field(error: object, name: string): unknown {
  return name in error ? (error as Record<string, unknown>)[name] : undefined;
}

function isExitCode(value: unknown): value is ExitCode {
  return typeof value === 'number' && (Object.values(EXIT) as number[]).includes(value);
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) {
    return { code: 'ERR_DDE_INTERNAL', message: String(error), exitCode: EXIT.internal, details: String(error) };
  }
  const code = field(error, 'code');
  const codeText = typeof code === 'string' ? code : error.name;
  const own = field(error, 'exitCode');
  const output = field(error, 'output');
  const advice = field(error, 'advice') ?? ADVICE[codeText];
  const known = isExitCode(own) ? own : byCode(codeText);
  const base = {
    code: codeText,
    message: error.message,
    ...(typeof output === 'string' && output !== '' ? { output } : {}),
    ...(typeof advice === 'string' ? { advice } : {}),
  };
  if (known !== undefined) return { ...base, exitCode: known };
  return { ...base, exitCode: EXIT.internal, details: error.stack ?? error.message };
}

function byCode(code: string): ExitCode | undefined {
  if (code in BY_CODE) return BY_CODE[code];
  if (code.startsWith('ERR_DDE_TRACE') || code.startsWith('ERR_DDE_FORMAT')) return EXIT.trace;
  return undefined;
}
