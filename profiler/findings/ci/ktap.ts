// SPDX-License-Identifier: MIT
// Findings as KTAP (Documentation/dev-tools/ktap.rst), the kernel's own test format.

import type { Finding } from '../../model/index.js';
import type { CiContext } from './index.js';
import { detailOf, locationOf } from './location.js';

/** A description holds neither `#`, which begins a directive, nor line ends. */
function plain(text: string): string {
  return text.replaceAll('#', '').replaceAll(/\s+/g, ' ').trim();
}

export function renderKtap(list: readonly Finding[], context: CiContext): string {
  const passed = context.passed ?? (list.length === 0 ? ['no findings'] : []);
  const lines = ['KTAP version 1', `1..${passed.length + list.length}`];
  let number = 0;
  for (const name of passed) lines.push(`ok ${++number} ${plain(name)}`);
  for (const finding of list) {
    const at = locationOf(finding);
    const place = at === undefined ? '' : ` at ${at.file}${at.line === undefined ? '' : `:${at.line}`}`;
    // Diagnostic lines stand before the result that they belong to.
    for (const line of detailOf(finding).split('\n')) lines.push(`# ${line}`);
    const what = plain(`${finding.kind}: ${finding.title}${place}`);
    lines.push(finding.severity === 'note' ? `ok ${++number} ${what} # SKIP note` : `not ok ${++number} ${what}`);
  }
  return `${lines.join('\n')}\n`;
}
