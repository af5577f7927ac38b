// SPDX-License-Identifier: MIT
// The functions of an executable with their source lines: what a trace file needs so that it can be read without it.
import { ElfFile } from '../elf/file.js';
import { type CodeRange, type PackedLines, packLines } from './line-pack.js';
import { LineTable, type SourceLine } from './lines.js';

export interface FunctionSymbol {
  readonly addr: number;
  readonly size: number;
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
}

export interface FunctionTableOptions {
  /** Source roots: a file below one of them is given relative to it. */
  readonly roots?: readonly string[];
  /** Leave out file and line. */
  readonly noLines?: boolean;
}

function relative(file: string, roots: readonly string[]): string {
  for (const root of roots) {
    const prefix = root.endsWith('/') ? root : `${root}/`;
    if (file.startsWith(prefix)) return file.slice(prefix.length);
  }
  return file;
}

/** All functions, sorted by address. Throws ElfError, or the error of opening the file. */
export function functionTable(executable: string, options: FunctionTableOptions = {}): FunctionSymbol[] {
  const elf = new ElfFile(executable);
  try {
    const lines = options.noLines ? undefined : new LineTable(elf);
    const roots = options.roots ?? [];
    return elf.functions().map(({ value: addr, size, name }) => {
      const at = lines?.find(addr, true);
      return { addr, size, name, ...(at && { file: relative(at.file, roots), line: at.line }) };
    });
  } finally {
    elf.close();
  }
}

/** The packed line table of some functions (the driver's); ranges that hold no line are left out. Throws as functionTable does. */
export function driverLines(
  executable: string,
  functions: readonly CodeRange[],
  roots: readonly string[],
): PackedLines {
  const elf = new ElfFile(executable);
  try {
    return packLines(new LineTable(elf), functions, (file) => relative(file, roots));
  } finally {
    elf.close();
  }
}

/** The source lines of addresses, in their order. */
export function sourceLines(executable: string, addrs: readonly number[]): (SourceLine | undefined)[] {
  const elf = new ElfFile(executable);
  try {
    const lines = new LineTable(elf);
    return addrs.map((addr) => lines.find(addr));
  } finally {
    elf.close();
  }
}
