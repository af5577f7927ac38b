// SPDX-License-Identifier: MIT
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes with this process, also after Ctrl-C. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
  return dir;
}

/** A child that goes with this process. It cleans up by itself. */
export function goesWithUs(child: ChildProcess): void {
  const end = (): void => void child.kill('SIGINT');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}
