// SPDX-License-Identifier: MIT
// Files that are there whole or not at all: written as NAME.part, which takes its name at the end. A disk that becomes full, a
// kill -9, Ctrl-C then leave no half export that looks like one, and an older export of that name stays as it was.

import { closeSync, constants, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeAll } from './write-all.js';

/** Only the owner may read it, as with the recording: it may hold packets. */
const MODE = 0o600;
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

interface Open {
  readonly fd: number;
  /** Undefined for what cannot be renamed over: a pipe, a device. */
  readonly part?: string;
  readonly target: string;
  closed: boolean;
}

/** Where a name leads to: a link stays a link. */
function realTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}

/** Several files that become visible together. End it with `commit` or `discard`. */
export class WholeFiles {
  private readonly files: Open[] = [];

  /** Errors are those of open(2); ENOENT names the folder that is missing. */
  open(path: string): { write(chunk: Uint8Array): void; end(): void } {
    const file = openOne(path);
    this.files.push(file);
    return {
      write: (chunk) => writeAll(file.fd, chunk),
      end: () => close(file),
    };
  }

  commit(): void {
    for (const file of this.files) close(file);
    for (const { part, target } of this.files) if (part !== undefined) renameSync(part, target);
    this.files.length = 0;
  }

  /** Leaves nothing behind. Never throws: it is called after something else went wrong. */
  discard(): void {
    for (const file of this.files) {
      try {
        close(file);
      } catch {
        // A full disk may tell of it only now; what was wrong is told already.
      }
      if (file.part !== undefined) rmSync(file.part, { force: true });
    }
    this.files.length = 0;
  }
}

function openOne(path: string): Open {
  const target = realTarget(path);
  const known = statSync(target, { throwIfNoEntry: false });
  if (known?.isFile() === false) return { fd: openSync(target, 'w'), target, closed: false };
  const part = `${target}.part`;
  // One that an earlier run was killed over. O_EXCL: in a folder of all users nobody else's file is written to.
  rmSync(part, { force: true });
  return { fd: openSync(part, FRESH, MODE), part, target, closed: false };
}

function close(file: Open): void {
  if (file.closed) return;
  file.closed = true;
  closeSync(file.fd);
}

/** One file, whole or not at all. */
export function writeWhole(path: string, text: string): void {
  const files = new WholeFiles();
  try {
    files.open(path).write(Buffer.from(text));
    files.commit();
  } finally {
    files.discard();
  }
}
