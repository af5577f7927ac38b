// SPDX-License-Identifier: MIT
// Where a finding is, and how it is told from others, for the formats of CI systems.

import { createHash } from 'node:crypto';
import type { Finding } from '../../model/index.js';
import { moment } from '../../show/index.js';

export interface Location {
  readonly file: string;
  readonly line: number | undefined;
}

/** The first piece of evidence that has a place in a source file. */
export function locationOf(finding: Finding): Location | undefined {
  const source = finding.evidence.find((one) => one.source !== undefined)?.source;
  if (source === undefined) return undefined;
  const found = /^(.*?):(\d+)$/.exec(source);
  return found === null
    ? { file: source, line: undefined }
    : { file: found[1] as string, line: Number(found[2]) || undefined };
}

/**
 * The same for the same fault in another run: kind, file, and the title without its numbers (counts, times and addresses differ
 * from run to run, line numbers from commit to commit).
 */
export function fingerprint(finding: Finding): string {
  const title = finding.title.replaceAll(/0x[0-9a-f]+|\d+(\.\d+)?/gi, '#');
  const parts = [finding.kind, locationOf(finding)?.file ?? '', title];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 20);
}

/** All there is to say, several lines. */
export function detailOf(finding: Finding): string {
  const lines = [finding.title + (finding.count > 1 ? ` (${finding.count} times)` : '')];
  for (const one of finding.evidence) {
    lines.push(`at ${moment(one.at)} on ${one.thread}: ${one.text}`);
    if (one.source !== undefined) lines.push(`  in ${one.source}`);
    if (one.stack.length > 0) lines.push(`  ${one.stack.join(' > ')}`);
  }
  if (finding.hint !== '') lines.push(`hint: ${finding.hint}`);
  return lines.join('\n');
}
