// SPDX-License-Identifier: MIT
// Findings in the formats of CI systems.

import type { Finding } from '../../model/index.js';
import { renderGithub } from './github.js';
import { renderJunit } from './junit.js';
import { renderKtap } from './ktap.js';
import { renderSarif } from './sarif.js';

export const CI_FORMATS = ['sarif', 'junit', 'ktap', 'github'] as const;
export type CiFormat = (typeof CI_FORMATS)[number];

export interface CiContext {
  readonly toolVersion: string;
  /** What was looked at, such as the driver's name. */
  readonly subject: string;
  /** Names of what was tested and found good: workloads, checkers. */
  readonly passed?: readonly string[];
}

/** Ends with a newline; empty for `github` without findings. */
export function renderCi(format: CiFormat, list: readonly Finding[], context: CiContext): string {
  switch (format) {
    case 'sarif':
      return renderSarif(list, context);
    case 'junit':
      return renderJunit(list, context);
    case 'ktap':
      return renderKtap(list, context);
    case 'github':
      return renderGithub(list);
  }
}
