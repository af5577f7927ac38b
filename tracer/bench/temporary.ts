// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes with this process, also after Ctrl-C. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  // Children get a terminal's Ctrl-C, too, and clean up by themselves.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
  return dir;
}
