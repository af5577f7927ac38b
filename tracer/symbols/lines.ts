// SPDX-License-Identifier: MIT
// Addresses to source lines, from the DWARF line programs (.debug_line, versions 2 to 5).
//
// addr2line takes seconds for the functions of one driver executable, most of it for debug information that nobody asked for;
// the line programs alone are read in a fraction of a second.
import { cString } from '../elf/elf.js';
import type { ElfFile } from '../elf/file.js';

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

const LNS = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negateStmt: 6,
  basicBlock: 7,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const LNE = { endSequence: 1, setAddress: 2 } as const;
const LNCT = { path: 1, directoryIndex: 2 } as const;
const FORM = {
  data2: 5,
  data4: 6,
  data8: 7,
  string: 8,
  block: 9,
  data1: 11,
  strp: 14,
  udata: 15,
  data16: 0x1e,
  lineStrp: 0x1f,
} as const;

class Reader {
  at: number;
  readonly bytes: Buffer;
  readonly end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }

  u8(): number {
    if (this.at >= this.end) throw new RangeError('end of the line program');
    return this.bytes[this.at++] as number;
  }
  unsigned(size: number): number {
    if (this.at + size > this.end) throw new RangeError('end of the line program');
    const low = size === 8 ? Number(this.bytes.readBigUInt64LE(this.at)) : this.bytes.readUIntLE(this.at, size);
    this.at += size;
    return low;
  }
  uleb(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const b = this.u8();
      value += (b & 127) * factor;
      if (b < 128) return value;
      factor *= 128;
    }
  }
  sleb(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const b = this.u8();
      value += (b & 127) * factor;
      factor *= 128;
      if (b < 128) return b & 64 ? value - factor : value;
    }
  }
  string(): string {
    const text = cString(this.bytes, this.at);
    const end = this.bytes.indexOf(0, this.at);
    this.at = end < 0 ? this.end : end + 1;
    return text;
  }
}

/** Rows of one function or section: [from, to) in the columns, sorted by address. */
interface Sequence {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

export class LineTable {
  readonly files: string[] = [];
  readonly #fileNumber = new Map<string, number>();
  readonly #sequences: Sequence[] = [];
  #addr = new Float64Array(1 << 16);
  #file = new Uint32Array(1 << 16);
  #line = new Uint32Array(1 << 16);
  #rows = 0;

  /** Reads all line programs of an executable. A program that cannot be read is left out. */
  constructor(elf: ElfFile) {
    const lines = elf.contents('.debug_line');
    const lineStr = elf.contents('.debug_line_str');
    const str = lines.length > 0 ? elf.contents('.debug_str') : lines;
    for (let at = 0; at + 12 <= lines.length; ) {
      const length = lines.readUInt32LE(at);
      const wide = length === 0xffffffff;
      const start = at + (wide ? 12 : 4);
      const end = start + (wide ? Number(lines.readBigUInt64LE(at + 4)) : length);
      if (!(end > start && end <= lines.length)) break;
      try {
        this.#program(new Reader(lines, start, end), wide ? 8 : 4, lineStr, str);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      at = end;
    }
    this.#sequences.sort((a, b) => a.start - b.start);
  }

  /**
   * The line that the instruction at an address belongs to.
   * @param entry the address begins a function: of several rows for it the first is wanted, its opening brace, as gcc has it
   */
  find(addr: number, entry = false): SourceLine | undefined {
    let low = 0;
    let high = this.#sequences.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if ((this.#sequences[mid] as Sequence).start <= addr) low = mid + 1;
      else high = mid;
    }
    const sequence = this.#sequences[low - 1];
    if (!sequence || addr >= sequence.end) return undefined;
    low = sequence.from;
    high = sequence.to;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if ((this.#addr[mid] as number) <= addr) low = mid + 1;
      else high = mid;
    }
    let row = low - 1;
    while (entry && row > sequence.from && this.#addr[row - 1] === addr) row--;
    const file = this.files[this.#file[row] as number];
    return row >= sequence.from && file !== undefined ? { file, line: this.#line[row] as number } : undefined;
  }

  /** The rows of the code in [from, to), in order of address. */
  *rows(from: number, to: number): Generator<SourceLine & { readonly addr: number }> {
    for (const sequence of this.#sequences) {
      if (sequence.end <= from || sequence.start >= to) continue;
      for (let row = sequence.from; row < sequence.to; row++) {
        const addr = this.#addr[row] as number;
        const file = this.files[this.#file[row] as number];
        if (addr >= from && addr < to && file !== undefined) yield { addr, file, line: this.#line[row] as number };
      }
    }
  }

  /** The lines of each file that have code, sorted. A file is named as often as the table has it. */
  codeLines(): Map<string, Uint32Array> {
    const perFile: Set<number>[] = this.files.map(() => new Set());
    for (const { from, to } of this.#sequences) {
      for (let row = from; row < to; row++) {
        const line = this.#line[row] as number;
        if (line > 0) perFile[this.#file[row] as number]?.add(line);
      }
    }
    const result = new Map<string, Uint32Array>();
    this.files.forEach((file, i) => {
      const lines = perFile[i] as Set<number>;
      if (lines.size > 0) result.set(file, Uint32Array.from(lines).sort());
    });
    return result;
  }

  #intern(path: string): number {
    let number = this.#fileNumber.get(path);
    if (number === undefined) {
      number = this.files.push(path) - 1;
      this.#fileNumber.set(path, number);
    }
    return number;
  }

  #row(addr: number, file: number, line: number): void {
    if (this.#rows === this.#addr.length) {
      const size = this.#rows * 2;
      const addrs = new Float64Array(size);
      const files = new Uint32Array(size);
      const lines = new Uint32Array(size);
      addrs.set(this.#addr);
      files.set(this.#file);
      lines.set(this.#line);
      this.#addr = addrs;
      this.#file = files;
      this.#line = lines;
    }
    this.#addr[this.#rows] = addr;
    this.#file[this.#rows] = file;
    this.#line[this.#rows] = line;
    this.#rows++;
  }

  #program(r: Reader, offsetSize: number, lineStr: Buffer, str: Buffer): void {
    const version = r.unsigned(2);
    if (version < 2 || version > 5) return;
    if (version >= 5) r.unsigned(2); // address and segment selector size
    const headerLength = r.unsigned(offsetSize);
    const code = r.at + headerLength;
    const minLength = r.u8();
    if (version >= 4) r.u8(); // operations per instruction: 1 on x86
    r.u8(); // default is_stmt
    const lineBase = (r.u8() << 24) >> 24;
    const lineRange = r.u8();
    const opcodeBase = r.u8();
    if (lineRange === 0) return;
    const lengths = Array.from({ length: opcodeBase - 1 }, () => r.u8());
    const names = version >= 5 ? this.#files5(r, offsetSize, lineStr, str) : this.#files2(r);
    r.at = code;
    this.#run(r, { minLength, lineBase, lineRange, opcodeBase, lengths }, names, version >= 5 ? 0 : 1);
  }

  #run(
    r: Reader,
    head: { minLength: number; lineBase: number; lineRange: number; opcodeBase: number; lengths: number[] },
    names: readonly number[],
    firstFile: number,
  ): void {
    const { minLength, lineBase, lineRange, opcodeBase, lengths } = head;
    let addr = 0;
    let file = names[1 - firstFile] ?? 0;
    let line = 1;
    let from = this.#rows;
    while (r.at < r.end) {
      const op = r.u8();
      if (op >= opcodeBase) {
        const adjusted = op - opcodeBase;
        addr += Math.trunc(adjusted / lineRange) * minLength;
        line += lineBase + (adjusted % lineRange);
        this.#row(addr, file, line);
      } else if (op === 0) {
        const length = r.uleb();
        const next = r.at + length;
        const sub = length > 0 ? r.u8() : 0;
        if (sub === LNE.endSequence) {
          const start = this.#addr[from] as number;
          // Address 0: a function that the linker threw away.
          if (this.#rows > from && start > 0 && addr > start) {
            this.#sequences.push({ start, end: addr, from, to: this.#rows });
          } else {
            this.#rows = from;
          }
          from = this.#rows;
          addr = 0;
          file = names[1 - firstFile] ?? 0;
          line = 1;
        } else if (sub === LNE.setAddress) {
          addr = r.unsigned(length - 1 === 8 ? 8 : 4);
        }
        r.at = next;
      } else if (op === LNS.copy) {
        this.#row(addr, file, line);
      } else if (op === LNS.advancePc) {
        addr += r.uleb() * minLength;
      } else if (op === LNS.advanceLine) {
        line += r.sleb();
      } else if (op === LNS.setFile) {
        file = names[r.uleb() - firstFile] ?? 0;
      } else if (op === LNS.constAddPc) {
        addr += Math.trunc((255 - opcodeBase) / lineRange) * minLength;
      } else if (op === LNS.fixedAdvancePc) {
        addr += r.unsigned(2);
      } else {
        for (let n = lengths[op - 1] ?? 0; n > 0; n--) r.uleb();
      }
    }
    this.#rows = from;
  }

  /** Directory and file tables of versions 2 to 4. Their directory 0 is the one of compilation, which is not told here. */
  #files2(r: Reader): number[] {
    const directories = [''];
    for (let name = r.string(); name !== ''; name = r.string()) directories.push(name);
    const files: number[] = [];
    for (let name = r.string(); name !== ''; name = r.string()) {
      const directory = directories[r.uleb()] ?? '';
      r.uleb();
      r.uleb();
      files.push(this.#intern(join(directory, name)));
    }
    return files;
  }

  #files5(r: Reader, offsetSize: number, lineStr: Buffer, str: Buffer): number[] {
    const table = (): { path: string; directory: number }[] => {
      const formats = Array.from({ length: r.u8() }, () => [r.uleb(), r.uleb()] as const);
      const count = r.uleb();
      if (count > r.end - r.at) throw new RangeError('impossible file count');
      return Array.from({ length: count }, () => {
        let path = '';
        let directory = 0;
        for (const [content, form] of formats) {
          const value = this.#form(r, form, offsetSize, lineStr, str);
          if (content === LNCT.path && typeof value === 'string') path = value;
          if (content === LNCT.directoryIndex && typeof value === 'number') directory = value;
        }
        return { path, directory };
      });
    };
    const directories = table();
    const root = directories[0]?.path ?? '';
    const paths = directories.map((entry) => join(root, entry.path));
    return table().map((entry) => this.#intern(join(paths[entry.directory] ?? root, entry.path)));
  }

  #form(r: Reader, form: number, offsetSize: number, lineStr: Buffer, str: Buffer): string | number {
    switch (form) {
      case FORM.string:
        return r.string();
      case FORM.lineStrp:
        return cString(lineStr, r.unsigned(offsetSize));
      case FORM.strp:
        return cString(str, r.unsigned(offsetSize));
      case FORM.udata:
        return r.uleb();
      case FORM.data1:
        return r.u8();
      case FORM.data2:
        return r.unsigned(2);
      case FORM.data4:
        return r.unsigned(4);
      case FORM.data8:
        return r.unsigned(8);
      case FORM.data16:
        r.at += 16;
        return 0;
      case FORM.block: {
        const length = r.uleb();
        r.at += length;
        return 0;
      }
      default:
        throw new RangeError('unknown form');
    }
  }
}

/** Joins as a compiler does: an absolute second part stands alone; `./` and `x/../` are folded. */
function join(directory: string, name: string): string {
  const path = name.startsWith('/') || directory === '' ? name : `${directory}/${name}`;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
