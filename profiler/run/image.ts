// SPDX-License-Identifier: MIT
// A disk image for a device that was given no --drive: random content in a file without a name, so that nothing is left
// behind whatever ends the tool.

import { randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryImage {
  /** QEMU opens it through this process's descriptor table, as the file has no name any more. */
  readonly path: string;
  close(): void;
}

const CHUNK = 8 << 20;

export function temporaryImage(bytes = 64 << 20): TemporaryImage {
  const folder = mkdtempSync(join(tmpdir(), 'dde-profile-'));
  let fd: number;
  try {
    fd = openSync(join(folder, 'image'), 'w+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let done = 0; done < bytes; ) {
    randomFillSync(chunk);
    done += writeSync(fd, chunk, 0, Math.min(CHUNK, bytes - done));
  }
  return {
    path: `/proc/${process.pid}/fd/${fd}`,
    close: () => closeSync(fd),
  };
}
