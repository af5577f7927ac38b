// SPDX-License-Identifier: MIT
// Whole-number constants of C source: object-like macros, macros with one parameter, members of enums; and what they come to.

export interface Constant {
  readonly name: string;
  /** The expression. */
  readonly text: string;
  /** Of a macro with one parameter. */
  readonly parameter?: string;
  readonly comment: string;
}

const DEFINE = /^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)(?:\(\s*(\w+)\s*\))?[ \t]+(.*)$/gm;
const ENUM = /\benum\b[^;{]*\{([\s\S]*?)\}/g;

function withoutComment(text: string): { code: string; comment: string } {
  const comments = [...text.matchAll(/\/\*([\s\S]*?)(?:\*\/|$)|\/\/(.*)$/gm)].map((m) => m[1] ?? m[2] ?? '');
  return { code: text.replace(/\/\*[\s\S]*?(?:\*\/|$)|\/\/.*$/gm, ' ').trim(), comment: comments.join(' ') };
}

/** By name; of two definitions (`#ifdef`) the first counts. */
export function constants(sources: readonly string[]): Map<string, Constant> {
  const out = new Map<string, Constant>();
  const add = (c: Constant): void => {
    if (!out.has(c.name) && c.text !== '') out.set(c.name, c);
  };
  for (const source of sources) {
    const text = source.replace(/\\\r?\n/g, ' ');
    for (const [, name, parameter, rest] of text.matchAll(DEFINE)) {
      const { code, comment } = withoutComment(rest as string);
      add({ name: name as string, text: code, comment, ...(parameter === undefined ? {} : { parameter }) });
    }
    for (const [, body] of text.matchAll(ENUM)) {
      // A member's comment stands behind its comma.
      for (const m of (body as string).matchAll(/([A-Za-z_]\w*)\s*=\s*([^,}/]+),?[ \t]*(\/\*[\s\S]*?\*\/)?/g))
        add({ name: m[1] as string, text: (m[2] as string).trim(), comment: m[3] ?? '' });
    }
  }
  return out;
}

/** By how tight they bind, loosest first. */
const OPERATORS: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/'],
];
const DEEPEST = 12;

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case '|':
      return (a | b) >>> 0;
    case '^':
      return (a ^ b) >>> 0;
    case '&':
      return (a & b) >>> 0;
    case '<<':
      return b > 31 ? Number.NaN : a * 2 ** b;
    case '>>':
      return Math.floor(a / 2 ** b);
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return Math.trunc(a / b);
    case '==':
      return Number(a === b);
    case '!=':
      return Number(a !== b);
    case '<':
      return Number(a < b);
    case '>':
      return Number(a > b);
    case '<=':
      return Number(a <= b);
    default:
      return Number(a >= b);
  }
}

class Parser {
  private at = 0;
  private readonly tokens: readonly string[];
  private readonly known: ReadonlyMap<string, Constant>;
  private readonly values: Readonly<Record<string, number>>;
  private readonly depth: number;

  constructor(
    text: string,
    known: ReadonlyMap<string, Constant>,
    values: Readonly<Record<string, number>>,
    depth: number,
  ) {
    this.tokens = text.match(/0[xX][0-9a-fA-F]+[uUlL]*|\d+[uUlL]*|[A-Za-z_]\w*|<<|>>|<=|>=|==|!=|[^\s]/g) ?? [];
    this.known = known;
    this.values = values;
    this.depth = depth;
  }

  whole(): number {
    const value = this.choice();
    return this.at === this.tokens.length ? value : Number.NaN;
  }

  private choice(): number {
    const condition = this.binary(0);
    if (this.tokens[this.at] !== '?') return condition;
    this.at++;
    const yes = this.choice();
    if (this.tokens[this.at++] !== ':') return Number.NaN;
    const no = this.choice();
    if (Number.isNaN(condition)) return Number.NaN;
    return condition !== 0 ? yes : no;
  }

  private binary(level: number): number {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    while (operators.includes(this.tokens[this.at] ?? '')) {
      const operator = this.tokens[this.at++] as string;
      left = apply(operator, left, this.binary(level + 1));
    }
    return left;
  }

  private unary(): number {
    const token = this.tokens[this.at++];
    if (token === undefined) return Number.NaN;
    if (token === '(') {
      const value = this.choice();
      return this.tokens[this.at++] === ')' ? value : Number.NaN;
    }
    if (token === '-') return -this.unary();
    if (/^\d/.test(token)) return Number(token.replace(/[uUlL]+$/, '').replace(/^0(?=\d)/, '0o'));
    if (!/^\w/.test(token)) return Number.NaN;
    const value = this.values[token];
    if (value !== undefined) return value;
    const constant = this.known.get(token);
    if (constant === undefined || constant.parameter !== undefined || this.depth >= DEEPEST) return Number.NaN;
    return new Parser(constant.text, this.known, {}, this.depth + 1).whole();
  }
}

/** What a constant expression comes to; undefined for anything else. */
export function evaluate(
  text: string,
  known: ReadonlyMap<string, Constant>,
  values: Readonly<Record<string, number>> = {},
): number | undefined {
  if (text.length > 400) return undefined;
  const value = new Parser(text, known, values, 0).whole();
  return Number.isNaN(value) ? undefined : value;
}
