// SPDX-License-Identifier: MIT
// Where exports go: files, a file descriptor, memory.

import type { ByteSink, ExportSink, Part } from '../exporter.js';
import { WholeFiles } from './whole-file.js';
import { writeAll } from './write-all.js';

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

export interface FileSink extends ExportSink {
  /** The files, as they will be called, in the order in which they were opened. */
  readonly paths: string[];
  /** All are written: they take their names. */
  commit(): void;
  /** They are removed. After `commit` nothing happens. */
  discard(): void;
}

/** Files beside each other, each with `.part` behind its name until `commit`. */
export function fileSink(path: string, extension: string): FileSink {
  const paths: string[] = [];
  const files = new WholeFiles();
  return {
    paths,
    open(part) {
      const file = partPath(path, extension, part);
      const opened = files.open(file);
      paths.push(file);
      return opened;
    },
    commit: () => files.commit(),
    discard: () => files.discard(),
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
