// SPDX-License-Identifier: MIT
// Where exports go: files, a file descriptor, memory.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { ByteSink, ExportSink, Part } from './exporter.js';

/** Writes all of it, also to a pipe that is full for the moment. */
function writeAll(fd: number, chunk: Uint8Array): void {
  let done = 0;
  while (done < chunk.length) {
    try {
      done += writeSync(fd, chunk, done, chunk.length - done);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EAGAIN') throw e;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

export function fdSink(fd: number): ByteSink {
  return { write: (chunk) => writeAll(fd, chunk), end() {} };
}

/** `x.speedscope.json` becomes `x.2of5.speedscope.json` for the second of five parts. */
export function partPath(path: string, extension: string, part?: Part): string {
  if (part === undefined) return path;
  const tail = `.${extension}`;
  const stem = path.endsWith(tail) ? path.slice(0, -tail.length) : path;
  const digits = String(part.count).length;
  return `${stem}.${String(part.index).padStart(digits, '0')}of${part.count}${path.endsWith(tail) ? tail : ''}`;
}

/** Files beside each other; `paths` lists them as they are opened. */
export function fileSink(path: string, extension: string): ExportSink & { readonly paths: string[] } {
  const paths: string[] = [];
  return {
    paths,
    open(part) {
      const file = partPath(path, extension, part);
      const fd = openSync(file, 'w');
      paths.push(file);
      return { write: (chunk) => writeAll(fd, chunk), end: () => closeSync(fd) };
    },
  };
}

export function memorySink(): ExportSink & { readonly files: Buffer[] } {
  const files: Buffer[] = [];
  return {
    files,
    open() {
      const parts: Buffer[] = [];
      return {
        write: (chunk) => void parts.push(Buffer.from(chunk)),
        end: () => void files.push(Buffer.concat(parts)),
      };
    },
  };
}
