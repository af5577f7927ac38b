// SPDX-License-Identifier: MIT
// What a finding is.

import type { Nanoseconds } from './units.js';

export type Severity = 'error' | 'warning' | 'note';

export interface Evidence {
  readonly at: Nanoseconds;
  readonly thread: string;
  /** `file:line` of the driver's code that it is about: the call, or failing that the function's beginning. */
  readonly source?: string;
  /** Outermost first. */
  readonly stack: readonly string[];
  readonly text: string;
}

export interface Finding {
  /** Stable, e.g. `dma-double-unmap`. */
  readonly kind: string;
  readonly severity: Severity;
  /** One line with the names and numbers. */
  readonly title: string;
  /** What to look at or do. */
  readonly hint: string;
  /** How many times it happened; `evidence` shows the first few. */
  readonly count: number;
  readonly evidence: readonly Evidence[];
}
