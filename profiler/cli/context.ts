// SPDX-License-Identifier: MIT
// What every command gets from main.ts beside its own options.

import type { ExitCode } from './exit-codes.js';

export interface Context {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Sets the exit code of the whole program; main.ts applies it. */
  exit(code: ExitCode): void;
}
