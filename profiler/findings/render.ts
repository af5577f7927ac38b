// SPDX-License-Identifier: MIT
// Findings as text or JSON.

import type { Finding } from '../model/index.js';
import { moment, styleOf } from '../show/index.js';

export interface RenderOptions {
  json?: boolean;
  color?: boolean;
}

/** Ends with a newline. */
export function renderFindings(list: readonly Finding[], options: RenderOptions = {}): string {
  if (options.json === true) return `${JSON.stringify({ findings: list }, null, 2)}\n`;
  if (list.length === 0) return 'No findings.\n';
  const { bold } = styleOf(options.color === true);
  const lines: string[] = [];
  for (const f of list) {
    lines.push(bold(`${f.severity}: ${f.title}`) + (f.count > 1 ? ` (${f.count} times)` : ''));
    for (const e of f.evidence) {
      lines.push(`  at ${moment(e.at)} on ${e.thread}: ${e.text}`);
      if (e.source !== undefined) lines.push(`    in ${e.source}`);
      if (e.stack.length > 0) lines.push(`    ${e.stack.join(' > ')}`);
    }
    lines.push(`  hint: ${f.hint}`, `  kind: ${f.kind}`, '');
  }
  return lines.join('\n');
}
