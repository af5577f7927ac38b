// SPDX-License-Identifier: MIT
// C expressions from a client: what front ends add is taken off, and what would change something is found before gdb sees it.

/** Front ends name what they evaluate. */
export function stripSourceUrl(expression: string): string {
  return expression.replace(/\n?\/\/[#@] sourceURL=.*\s*$/s, '').trim();
}

/** Front ends evaluate JavaScript of their own; it asks for nothing of ours. */
export function isInternal(expression: string): boolean {
  return /^\(?\s*(async\s+)?function\b|^\(async\b/.test(expression);
}

export type Condition =
  | { readonly kind: 'none' }
  | { readonly kind: 'condition'; readonly expression: string }
  | { readonly kind: 'logpoint'; readonly expressions: readonly string[] };

/** Splits at commas outside of brackets and strings. */
export function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { kind, text: token, at } of tokens(text)) {
    if (kind !== 'punctuator') continue;
    if ('([{'.includes(token)) depth++;
    else if (')]}'.includes(token)) depth--;
    else if (token === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)].map((part) => part.trim()).filter((part) => part !== '');
}

/** A breakpoint's condition as front ends send it. */
export function parseCondition(condition: string | undefined): Condition {
  const plain = stripSourceUrl(condition ?? '');
  if (plain === '') return { kind: 'none' };
  const log = /^(?:\/\*\*\s*DEVTOOLS_LOGPOINT\s*\*\/\s*)?console\.log\((.*)\)\s*;?$/s.exec(plain);
  if (log !== null) return { kind: 'logpoint', expressions: splitArguments(log[1] as string) };
  return { kind: 'condition', expression: plain };
}

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'punctuator';
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s+|([$A-Za-z_][\w$]*)|((?:\d|\.\d)[\w.]*)|("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|(<<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|::|.)/gsy;

/** C's tokens; whatever is no other is a punctuator. */
function tokens(text: string): Token[] {
  const result: Token[] = [];
  for (const found of text.matchAll(TOKEN)) {
    const at = found.index;
    if (found[1] !== undefined) result.push({ kind: 'name', text: found[1], at });
    else if (found[2] !== undefined) result.push({ kind: 'number', text: found[2], at });
    else if (found[3] !== undefined) result.push({ kind: 'string', text: found[3], at });
    else if (found[4] !== undefined) result.push({ kind: 'punctuator', text: found[4], at });
  }
  return result;
}

const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=', '++', '--']);
/** Words that may stand before a bracket without a call. */
const OPERATORS = new Set([
  'sizeof',
  'alignof',
  '_Alignof',
  '__alignof__',
  'typeof',
  '__typeof__',
  'decltype',
  'offsetof',
]);

/**
 * Why an expression might change something; undefined when it only reads. Registers and convenience variables cannot be guarded by gdb
 * while the program runs, and gdb places strings in the program's memory, so this is looked at before gdb's own guards are used.
 */
export function sideEffect(expression: string): string | undefined {
  const all = tokens(expression);
  for (const [i, { kind, text }] of all.entries()) {
    const next = all[i + 1]?.text;
    if (kind === 'punctuator' && ASSIGNMENTS.has(text)) return `assignment (${text})`;
    if (kind === 'name' && next === '(' && !OPERATORS.has(text)) return `call of ${text}`;
    if (kind === 'punctuator' && text === ']' && next === '(') return 'call through an array of pointers';
    if (kind === 'string' && text.startsWith('"')) return 'a string, which would be placed in the memory of the driver';
  }
  return undefined;
}

/** `p,[n]` shows n elements, `p,x` another format: Visual Studio's notation, by gdb's means. */
export function viewOf(expression: string): { readonly expression: string; readonly format: string | undefined } {
  const array = /^(.*),\s*\[(.+)\]$/s.exec(expression);
  if (array !== null) {
    return { expression: `*(${(array[1] as string).trim()})@(${(array[2] as string).trim()})`, format: undefined };
  }
  const format = /^(.*),\s*(x|d|b|o|c)$/s.exec(expression);
  if (format === null) return { expression, format: undefined };
  const names = { x: 'hexadecimal', d: 'decimal', b: 'binary', o: 'octal', c: 'natural' } as const;
  return { expression: (format[1] as string).trim(), format: names[format[2] as keyof typeof names] };
}
