// SPDX-License-Identifier: MIT
// A 32-bit variable of a running driver process, read from outside: the process does not notice.

import { closeSync, openSync, readSync } from 'node:fs';
import { ElfFile } from '../../tracer/elf/file.js';

/** Returns a reader; it gives undefined when there is no such variable, or the system does not let us look. */
export function readVariable(pid: number, executable: string, name: string): () => number | undefined {
  const elf = new ElfFile(executable);
  let addr: number | undefined;
  try {
    addr = elf.variable(name);
  } finally {
    elf.close();
  }
  const bytes = Buffer.alloc(4);
  return () => {
    if (addr === undefined) return undefined;
    let fd: number | undefined;
    try {
      fd = openSync(`/proc/${pid}/mem`, 'r');
      return readSync(fd, bytes, 0, 4, addr) === 4 ? bytes.readUInt32LE(0) : undefined;
    } catch {
      return undefined;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
}
