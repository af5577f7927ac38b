// SPDX-License-Identifier: MIT
// One line of GDB/MI output to a record. Never throws and never loops: whatever cannot be read is a `malformed` record.
//
// A line is taken as latin1, a character a byte: gdb writes bytes of strings as they are or as octal escapes, and only the whole
// string is UTF-8.
import type { MiTuple, MiValue } from './value.js';

export type MiRecord =
  /** The answer to a command: `done`, `running`, `connected`, `error` or `exit`. */
  | {
      readonly type: 'result';
      readonly token: number | undefined;
      readonly class: string;
      readonly results: MiTuple;
    }
  /** exec: the program ran or stopped; status: progress; notify: threads, libraries, breakpoints. */
  | {
      readonly type: 'exec' | 'status' | 'notify';
      readonly token: number | undefined;
      readonly class: string;
      readonly results: MiTuple;
    }
  /** console: gdb's answer to a CLI command; target: the remote's; log: gdb's own words. */
  | { readonly type: 'console' | 'target' | 'log'; readonly text: string }
  | { readonly type: 'prompt' }
  /** A line without a prefix: the program's own output. */
  | { readonly type: 'output'; readonly text: string }
  | { readonly type: 'malformed'; readonly line: string; readonly at: number };

/** gdb nests a value as deep as the C type is; nothing real comes near. */
const MAX_DEPTH = 256;

const RESULT = { '^': 'result', '*': 'exec', '+': 'status', '=': 'notify' } as const;
const STREAM = { '~': 'console', '@': 'target', '&': 'log' } as const;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
};

class Malformed extends Error {
  readonly at: number;
  constructor(at: number) {
    super();
    this.at = at;
  }
}

function utf8(latin1: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\x00-\x7f]*$/.test(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

class Parser {
  readonly line: string;
  at: number;

  constructor(line: string, at: number) {
    this.line = line;
    this.at = at;
  }

  fail(): never {
    throw new Malformed(this.at);
  }

  cString(): string {
    const { line } = this;
    if (line[this.at] !== '"') this.fail();
    let from = ++this.at;
    let result = '';
    for (;;) {
      const c = line[this.at];
      if (c === undefined) this.fail();
      if (c === '"') {
        result += line.slice(from, this.at++);
        return utf8(result);
      }
      if (c === '\\') {
        result += line.slice(from, this.at) + this.escape();
        from = this.at;
      } else this.at++;
    }
  }

  /** At a backslash; ends behind the escape. */
  private escape(): string {
    const octal = /^[0-7]{1,3}/.exec(this.line.slice(this.at + 1, this.at + 4));
    if (octal !== null) {
      this.at += 1 + octal[0].length;
      return String.fromCharCode(Number.parseInt(octal[0], 8) & 255);
    }
    const c = this.line[this.at + 1];
    if (c === undefined) this.fail();
    this.at += 2;
    return SIMPLE_ESCAPES[c] ?? c;
  }

  value(depth: number): MiValue {
    if (depth > MAX_DEPTH) this.fail();
    switch (this.line[this.at]) {
      case '"':
        return this.cString();
      case '{':
        return this.fields('}', depth);
      case '[':
        return this.list(depth);
      default:
        return this.fail();
    }
  }

  /** `name=`, or undefined at a bare value. */
  private name(): string | undefined {
    const found = /[^="{}[\],]*/y;
    found.lastIndex = this.at;
    const name = found.exec(this.line)?.[0] ?? '';
    if (name === '') return undefined;
    this.at += name.length;
    if (this.line[this.at++] !== '=') this.fail();
    return utf8(name);
  }

  /** From the opening bracket, or from a comma when the results of a record are read. */
  fields(close: '}' | undefined, depth: number): MiTuple {
    const result: Record<string, MiValue> = Object.create(null) as Record<string, MiValue>;
    this.at++;
    if (close !== undefined && this.line[this.at] === close) {
      this.at++;
      return result;
    }
    for (let place = 0; ; place++) {
      const name = this.name() ?? String(place);
      let key = name;
      for (let n = 2; key in result; n++) key = `${name}#${n}`;
      result[key] = this.value(depth + 1);
      const c = this.line[this.at];
      if (c === close) {
        this.at++;
        return result;
      }
      if (c !== ',') this.fail();
      this.at++;
    }
  }

  /** The names in a list say the same for each element, so they are left out. */
  private list(depth: number): MiValue[] {
    const result: MiValue[] = [];
    this.at++;
    if (this.line[this.at] === ']') {
      this.at++;
      return result;
    }
    for (;;) {
      this.name();
      result.push(this.value(depth + 1));
      const c = this.line[this.at++];
      if (c === ']') return result;
      if (c !== ',') this.fail();
    }
  }
}

function record(line: string): MiRecord {
  if (/^\(gdb\) ?$/.test(line)) return { type: 'prompt' };
  const start = /^(\d{0,15})([\^*+=~@&])/.exec(line);
  if (start === null) return { type: 'output', text: utf8(line) };
  const prefix = start[2] as keyof typeof RESULT | keyof typeof STREAM;
  const parser: Parser = new Parser(line, start[0].length);
  if (prefix === '~' || prefix === '@' || prefix === '&') {
    const text = parser.cString();
    if (parser.at !== line.length) parser.fail();
    return { type: STREAM[prefix], text };
  }
  const name = /^[A-Za-z][\w-]*/.exec(line.slice(parser.at, parser.at + 100))?.[0];
  if (name === undefined) parser.fail();
  parser.at += name.length;
  const more = line[parser.at];
  if (more !== undefined && more !== ',') parser.fail();
  const results = more === undefined ? (Object.create(null) as MiTuple) : parser.fields(undefined, 0);
  const token = start[1] === '' ? undefined : Number(start[1]);
  return { type: RESULT[prefix], token, class: name, results };
}

/** @param bytes one line without its newline */
export function parseRecord(bytes: Buffer | string): MiRecord {
  const raw = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  try {
    return record(line);
  } catch (error) {
    if (error instanceof Malformed) return { type: 'malformed', line, at: error.at };
    throw error;
  }
}
