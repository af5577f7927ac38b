// SPDX-License-Identifier: MIT
// The driver's address-to-line table in a few bytes a row, so that a trace names source lines without its executable.
//
// A call that the compiler inlined from a header belongs, for whoever looks for a driver's fault, to the driver's line: rows of
// other files are given the line of the function's own file before them.
import type { LineTable, SourceLine } from './lines.js';

export interface CodeRange {
  readonly addr: number;
  readonly size: number;
}

/** Goes into the trace's metadata as `lines`. */
export interface PackedLines {
  readonly files: readonly string[];
  /** Base64 of LEB128 numbers, three a row: address (from the row before), file (index), line (zigzag, from the row before). */
  readonly rows: string;
}

/** Line 0 ends a function: what follows up to the next row belongs to no line. */
const END = 0;

class Writer {
  readonly bytes: number[] = [];

  unsigned(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.bytes.push(rest);
  }

  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }
}

/** @param functions the driver's functions; @param relative how a file is shown */
export function packLines(
  table: LineTable,
  functions: readonly CodeRange[],
  relative: (file: string) => string,
): PackedLines {
  const files: string[] = [];
  const number = new Map<string, number>();
  const out = new Writer();
  let before = { addr: 0, line: 0, file: 0 };
  const row = (addr: number, file: string, line: number): void => {
    let index = number.get(file);
    if (index === undefined) {
      index = files.push(relative(file)) - 1;
      number.set(file, index);
    }
    if (line === before.line && index === before.file) return;
    out.unsigned(addr - before.addr);
    out.unsigned(index);
    out.signed(line - before.line);
    before = { addr, line, file: index };
  };
  let end = 0;
  for (const { addr, size } of [...functions].sort((a, b) => a.addr - b.addr)) {
    // Aliases share their code.
    if (addr < end) continue;
    const own = table.find(addr, true);
    if (own === undefined) continue;
    end = addr + size;
    row(addr, own.file, own.line);
    for (const r of table.rows(addr, end)) if (r.file === own.file && r.line > 0) row(r.addr, r.file, r.line);
    row(end, own.file, END);
  }
  return { files, rows: Buffer.from(out.bytes).toString('base64') };
}

export class DriverLines {
  private readonly addr: number[] = [];
  private readonly file: number[] = [];
  private readonly line: number[] = [];
  private readonly files: readonly string[];

  /** What is not a packed table counts as an empty one. */
  constructor(packed: unknown) {
    const { files, rows } = (packed ?? {}) as Partial<PackedLines>;
    this.files = Array.isArray(files) ? files.map(String) : [];
    if (typeof rows !== 'string') return;
    const bytes = Buffer.from(rows, 'base64');
    let at = 0;
    const unsigned = (): number => {
      let value = 0;
      for (let factor = 1; at < bytes.length; factor *= 128) {
        const b = bytes[at++] as number;
        value += (b & 127) * factor;
        if (b < 128) break;
      }
      return value;
    };
    let [addr, line] = [0, 0];
    while (at < bytes.length) {
      addr += unsigned();
      this.file.push(unsigned());
      const delta = unsigned();
      line += delta % 2 === 1 ? -(delta + 1) / 2 : delta / 2;
      this.addr.push(addr);
      this.line.push(line);
    }
  }

  get size(): number {
    return this.addr.length;
  }

  /** The line of the instruction at an address; undefined outside of the driver. For a return address ask one before. */
  find(address: number): SourceLine | undefined {
    let [low, high] = [0, this.addr.length];
    while (low < high) {
      const mid = (low + high) >>> 1;
      if ((this.addr[mid] as number) <= address) low = mid + 1;
      else high = mid;
    }
    const line = this.line[low - 1];
    const file = this.files[this.file[low - 1] ?? -1];
    return line === undefined || line === END || file === undefined ? undefined : { file, line };
  }
}
