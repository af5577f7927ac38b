// SPDX-License-Identifier: MIT
// Findings as JUnit XML, as Jenkins, GitLab and others read it: a finding is a test that failed, a note one that was skipped.

import type { Finding } from '../../model/index.js';
import type { CiContext } from './index.js';
import { detailOf, locationOf } from './location.js';

/** Characters that XML 1.0 does not have are left out. */
function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}

function body(text: string): string {
  return xml(text).replaceAll('&#10;', '\n');
}

function testCase(finding: Finding, { subject }: CiContext): string[] {
  const at = locationOf(finding);
  const place = at === undefined ? '' : ` (${at.file}${at.line === undefined ? '' : `:${at.line}`})`;
  const open = `    <testcase classname="${xml(`${subject}.${finding.kind}`)}" name="${xml(finding.title + place)}" time="0">`;
  const inner =
    finding.severity === 'note'
      ? `      <skipped message="${xml(finding.title)}"/>`
      : `      <failure type="${xml(finding.kind)}" message="${xml(finding.title)}">${body(detailOf(finding))}</failure>`;
  return [open, inner, '    </testcase>'];
}

export function renderJunit(list: readonly Finding[], context: CiContext): string {
  const passed = context.passed ?? [];
  const tests = Math.max(1, list.length + passed.length);
  const skipped = list.filter((finding) => finding.severity === 'note').length;
  const counts = `tests="${tests}" failures="${list.length - skipped}" errors="0"`;
  const suite = `name="${xml(context.subject)}" ${counts} skipped="${skipped}" time="0"`;
  const clean = list.length + passed.length === 0 ? ['no findings'] : passed;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="dde-profile" ${counts} time="0">`,
    `  <testsuite ${suite}>`,
    ...clean.map((name) => `    <testcase classname="${xml(context.subject)}" name="${xml(name)}" time="0"/>`),
    ...list.flatMap((finding) => testCase(finding, context)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
