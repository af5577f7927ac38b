// SPDX-License-Identifier: MIT
// The driver's disassembly as a script, and a source map from it to the C files: front ends then show C as C, and instructions as well.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SourceMapGenerator } from 'source-map';
import { functionTable } from '../../tracer/symbols/index.js';
import type { SourceFile, Sources } from './sources.js';

export interface Instruction {
  readonly addr: number;
  /** 0-based, in the listing. */
  readonly row: number;
  readonly file: SourceFile | undefined;
  /** 1-based, in the file. */
  readonly line: number;
}

/** Functions farther apart are disassembled by a call of their own. */
const GAP = 4096;
const MAX_OUTPUT = 256 * 1024 * 1024;

interface Range {
  readonly from: number;
  readonly to: number;
}

function ranges(functions: readonly { readonly addr: number; readonly size: number }[]): Range[] {
  const result: { from: number; to: number }[] = [];
  for (const { addr, size } of functions) {
    const last = result.at(-1);
    if (last !== undefined && addr - last.to < GAP) last.to = Math.max(last.to, addr + size);
    else result.push({ from: addr, to: addr + size });
  }
  return result;
}

async function disassemble(executable: string, { from, to }: Range): Promise<string[]> {
  const args = ['-d', '--no-show-raw-insn', `--start-address=${from}`, `--stop-address=${to}`, executable];
  const { stdout } = await promisify(execFile)('objdump', args, { maxBuffer: MAX_OUTPUT });
  return stdout.split('\n').filter((line) => /^[0-9a-f]+ <|^ *[0-9a-f]+:\t/.test(line));
}

function firstColumn(text: string | undefined): number {
  return Math.max(0, text?.search(/\S/) ?? 0);
}

export class Listing {
  readonly url: string;
  readonly text: string;
  readonly rows: number;
  readonly files: ReadonlySet<SourceFile>;
  readonly #instructions: readonly Instruction[];
  readonly #byRow: ReadonlyMap<number, Instruction>;
  readonly #byLine = new Map<string, Instruction[]>();

  private constructor(url: string, lines: readonly string[], instructions: readonly Instruction[]) {
    this.url = url;
    this.text = `${lines.join('\n')}\n`;
    this.rows = lines.length;
    this.#instructions = instructions;
    this.#byRow = new Map(instructions.map((one) => [one.row, one]));
    const files = new Set<SourceFile>();
    for (const one of instructions) {
      if (one.file === undefined) continue;
      files.add(one.file);
      const key = `${one.file.scriptId}:${one.line}`;
      const known = this.#byLine.get(key);
      if (known === undefined) this.#byLine.set(key, [one]);
      else known.push(one);
    }
    this.files = files;
  }

  /** Of the functions that are in files below these folders. Rejects when objdump cannot be run. */
  static async make(name: string, executable: string, sources: Sources, folders: readonly string[]): Promise<Listing> {
    const own = (path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`));
    const functions = functionTable(executable)
      .filter(({ file, size }) => size > 0 && file !== undefined && own(sources.byPath(file)?.path ?? ''))
      .sort((a, b) => a.addr - b.addr);
    const lines = (await Promise.all(ranges(functions).map((range) => disassemble(executable, range)))).flat();
    const kept: string[] = [];
    const instructions: Instruction[] = [];
    let at = 0;
    let before: { file: SourceFile; line: number } | undefined;
    let inside = false;
    for (const line of lines) {
      const addr = Number.parseInt(line, 16);
      let within = functions[at];
      while (within !== undefined && within.addr + within.size <= addr) within = functions[++at];
      if (within === undefined || addr < within.addr) continue;
      if (/^[0-9a-f]+ </.test(line)) {
        inside = true;
        before = undefined;
        kept.push(line);
        continue;
      }
      if (!inside) continue;
      const place = sources.table.find(addr);
      const file = place === undefined ? undefined : sources.byPath(place.file);
      // What was inlined from a header of the kernel belongs to the driver's line around it.
      if (file !== undefined && place !== undefined && place.line > 0 && own(file.path))
        before = { file, line: place.line };
      instructions.push({ addr, row: kept.length, file: before?.file, line: before?.line ?? 0 });
      kept.push(line);
    }
    return new Listing(`dde:///${name}.s`, kept, instructions);
  }

  at(row: number): Instruction | undefined {
    return this.#byRow.get(row);
  }

  /** The instruction at an address, or the one that it is within. */
  byAddress(addr: number): Instruction | undefined {
    let [low, high] = [0, this.#instructions.length];
    while (low < high) {
      const mid = (low + high) >>> 1;
      if ((this.#instructions[mid] as Instruction).addr <= addr) low = mid + 1;
      else high = mid;
    }
    return this.#instructions[low - 1];
  }

  /** The row that shows a C line: that of the address if it belongs to the line, else the nearest one that does. */
  rowOf(file: SourceFile, line: number, addr?: number): number | undefined {
    const all = this.#byLine.get(`${file.scriptId}:${line}`);
    if (all === undefined) return undefined;
    if (addr === undefined) return all[0]?.row;
    let best = all[0] as Instruction;
    for (const one of all) if (Math.abs(one.addr - addr) < Math.abs(best.addr - addr)) best = one;
    return best.row;
  }

  /** Begins a C line in the listing, so a breakpoint there is one on the line, wherever it was inlined. */
  beginsLine({ row, file, line }: Instruction): boolean {
    const before = this.#byRow.get(row - 1);
    return file !== undefined && (before === undefined || before.file !== file || before.line !== line);
  }

  /** The source map as JSON, with the C text. */
  async sourceMap(): Promise<string> {
    const generator = new SourceMapGenerator({ file: this.url });
    const texts = new Map<SourceFile, string[]>();
    for (const file of this.files) {
      const text = await readFile(file.path, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      texts.set(file, text.split('\n'));
      generator.setSourceContent(file.url, text);
    }
    for (const { row, file, line } of this.#instructions) {
      const text = file === undefined ? undefined : texts.get(file);
      if (file === undefined || text === undefined) continue;
      const original = { line, column: firstColumn(text[line - 1]) };
      generator.addMapping({ generated: { line: row + 1, column: 0 }, original, source: file.url });
    }
    return generator.toString();
  }
}
