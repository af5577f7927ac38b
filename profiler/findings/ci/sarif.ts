// SPDX-License-Identifier: MIT
// Findings as SARIF 2.1.0 (OASIS), which GitHub and others show beside the code.

import type { Finding } from '../../model/index.js';
import type { CiContext } from './index.js';
import { detailOf, fingerprint, locationOf } from './location.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** A path as a relative URI reference: each part encoded, no leading slash. */
function uri(path: string): string {
  return path.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/');
}

function physical(file: string, line: number | undefined): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uri(file), ...(file.startsWith('/') ? {} : { uriBaseId: 'SRCROOT' }) },
      ...(line === undefined ? {} : { region: { startLine: line } }),
    },
  };
}

/** Frames of SARIF are innermost first, ours are outermost first. */
function stacks(finding: Finding): object {
  const list = finding.evidence.filter((one) => one.stack.length > 0);
  if (list.length === 0) return {};
  return {
    stacks: list.map((one) => ({
      message: { text: `${one.thread}: ${one.text}` },
      frames: [...one.stack].reverse().map((name) => ({
        location: { logicalLocations: [{ fullyQualifiedName: name, kind: 'function' }] },
        threadId: 0,
      })),
    })),
  };
}

function result(finding: Finding): object {
  const at = locationOf(finding);
  return {
    ruleId: finding.kind,
    level: finding.severity,
    message: { text: detailOf(finding) },
    ...(at === undefined ? {} : { locations: [physical(at.file, at.line)] }),
    ...stacks(finding),
    occurrenceCount: Math.max(1, finding.count),
    partialFingerprints: { 'ddeProfile/v1': fingerprint(finding) },
  };
}

export function renderSarif(list: readonly Finding[], { toolVersion, subject }: CiContext): string {
  const rules = new Map(list.map((finding) => [finding.kind, finding]));
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dde-profile',
            version: toolVersion,
            rules: [...rules.values()].map(({ kind, hint, severity }) => ({
              id: kind,
              shortDescription: { text: kind.replaceAll('-', ' ') },
              ...(hint === '' ? {} : { help: { text: hint } }),
              defaultConfiguration: { level: severity },
            })),
          },
        },
        automationDetails: { id: `dde-profile/${subject}` },
        originalUriBaseIds: { SRCROOT: { description: { text: 'the root of the kernel or module source' } } },
        results: list.map(result),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}
