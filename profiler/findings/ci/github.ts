// SPDX-License-Identifier: MIT
// Findings as workflow commands of GitHub Actions, which become annotations of the changed lines.

import type { Finding, Severity } from '../../model/index.js';
import { detailOf, locationOf } from './location.js';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

export function renderGithub(list: readonly Finding[]): string {
  return list
    .map((finding) => {
      const at = locationOf(finding);
      const place = at === undefined ? [] : [`file=${property(at.file)}`];
      if (at?.line !== undefined) place.push(`line=${at.line}`);
      const properties = [...place, `title=${property(finding.kind)}`].join(',');
      return `::${COMMANDS[finding.severity]} ${properties}::${data(detailOf(finding))}\n`;
    })
    .join('');
}
