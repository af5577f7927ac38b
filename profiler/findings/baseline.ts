// SPDX-License-Identifier: MIT
// Known findings: a file of their fingerprints, so that only new ones fail a build.

import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Finding } from '../model/index.js';
import { fingerprint } from './ci/location.js';

const schema = z.object({
  formatVersion: z.literal(1),
  findings: z.array(z.looseObject({ fingerprint: z.string(), kind: z.string(), title: z.string() })),
});

export class BaselineError extends Error {
  readonly code = 'ERR_DDE_OPTION';
}

/** @throws BaselineError when the file is not there or is no baseline */
export function readBaseline(file: string): ReadonlySet<string> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = missing ? 'no such file (--write-baseline makes one)' : cause instanceof Error ? cause.message : cause;
    throw new BaselineError(`--baseline ${file}: ${why}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new BaselineError(`--baseline ${file}: not a baseline: ${z.prettifyError(parsed.error)}`);
  return new Set(parsed.data.findings.map((one) => one.fingerprint));
}

export function writeBaseline(file: string, list: readonly Finding[]): void {
  const findings = list.map((one) => ({ fingerprint: fingerprint(one), kind: one.kind, title: one.title }));
  writeFileSync(file, `${JSON.stringify({ formatVersion: 1, findings }, null, 2)}\n`);
}

/** What is not known yet. */
export function withoutKnown(list: readonly Finding[], known: ReadonlySet<string>): Finding[] {
  return list.filter((finding) => !known.has(fingerprint(finding)));
}
