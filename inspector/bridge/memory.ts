// SPDX-License-Identifier: MIT
// The memory of a driver process from outside, through /proc/PID/mem: also while it runs, and without gdb.
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

export class ProcessMemory {
  readonly #fd: number;

  /** Throws the system's error when the process has ended or is of another user. */
  constructor(pid: number, { write = false } = {}) {
    this.#fd = openSync(`/proc/${pid}/mem`, write ? 'r+' : 'r');
  }

  /** As much as can be read from there; empty when nothing is mapped. */
  read(addr: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    let done = 0;
    try {
      while (done < size) {
        const got = readSync(this.#fd, bytes, done, size - done, addr + done);
        if (got === 0) break;
        done += got;
      }
    } catch {
      // The rest is not mapped, or the process has ended.
    }
    return bytes.subarray(0, done);
  }

  u32(addr: number): number | undefined {
    const bytes = this.read(addr, 4);
    return bytes.length === 4 ? bytes.readUInt32LE() : undefined;
  }

  u64(addr: number): bigint | undefined {
    const bytes = this.read(addr, 8);
    return bytes.length === 8 ? bytes.readBigUInt64LE() : undefined;
  }

  /** Also where the program itself may only read. Throws when nothing is mapped there. */
  write(addr: number, bytes: Buffer): void {
    writeSync(this.#fd, bytes, 0, bytes.length, addr);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly access: string;
  readonly offset: number;
  readonly path: string;
}

export function mappings(pid: number): Mapping[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) \S+ \d+ *(.*)$/.exec(line);
      if (found === null) return [];
      const [, start, end, access, offset, path] = found as unknown as [string, string, string, string, string, string];
      const hex = (text: string): number => Number.parseInt(text, 16);
      return [{ start: hex(start), end: hex(end), access, offset: hex(offset), path }];
    });
}
