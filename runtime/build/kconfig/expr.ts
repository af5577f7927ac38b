// SPDX-License-Identifier: MIT
// Kconfig expressions: reading, evaluating against a configuration without modules (a tristate is y or n), printing.

export type Expr =
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'not'; readonly of: Expr }
  | { readonly kind: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'compare'; readonly op: string; readonly left: Expr; readonly right: Expr };

/** Value of a symbol, 'n' when unset. */
export type Values = (name: string) => string;

export const YES: Expr = { kind: 'text', value: 'y' };

export function and(left: Expr | undefined, right: Expr | undefined): Expr {
  if (!left || left === YES) return right ?? YES;
  if (!right || right === YES) return left;
  return { kind: 'and', left, right };
}

const TOKEN = /\s*(\|\||&&|!=|<=|>=|[!()=<>]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[\w./-]+)/y;

/** `$(...)` with nested parentheses; what the macro says is not known here. */
function macroEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}

export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; ) {
    const rest = /\s*/y;
    rest.lastIndex = at;
    rest.exec(text);
    at = rest.lastIndex;
    if (at >= text.length || text[at] === '#') break;
    if (text[at] === '$') {
      const end = macroEnd(text, at);
      tokens.push(text.slice(at, end));
      at = end;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match?.[1]) {
      at++;
      continue;
    }
    tokens.push(match[1]);
    at = TOKEN.lastIndex;
  }
  return tokens;
}

function atom(token: string): Expr {
  if (/^["']/.test(token)) return { kind: 'text', value: token.slice(1, -1) };
  if (token === 'y' || token === 'm' || token === 'n') return { kind: 'text', value: token === 'm' ? 'y' : token };
  // A macro asks the compiler or the shell; a build for this machine's gcc takes it as given.
  if (token.startsWith('$')) return YES;
  if (/^[A-Z0-9_]*[A-Z_][A-Z0-9_]*$/i.test(token) && !/^0x/i.test(token)) return { kind: 'symbol', name: token };
  return { kind: 'text', value: token };
}

/** Reads an expression off the front of `tokens`. */
export function parseExpr(tokens: string[]): Expr {
  const primary = (): Expr => {
    const token = tokens.shift() ?? 'y';
    if (token === '!') return { kind: 'not', of: primary() };
    let left: Expr;
    if (token === '(') {
      left = or();
      if (tokens[0] === ')') tokens.shift();
    } else {
      left = atom(token);
    }
    const op = tokens[0];
    if (op !== undefined && /^(=|!=|<|>|<=|>=)$/.test(op)) {
      tokens.shift();
      return { kind: 'compare', op, left, right: atom(tokens.shift() ?? 'n') };
    }
    return left;
  };
  const conjunction = (): Expr => {
    let left = primary();
    while (tokens[0] === '&&') {
      tokens.shift();
      left = { kind: 'and', left, right: primary() };
    }
    return left;
  };
  const or = (): Expr => {
    let left = conjunction();
    while (tokens[0] === '||') {
      tokens.shift();
      left = { kind: 'or', left, right: conjunction() };
    }
    return left;
  };
  return or();
}

function operand(expr: Expr, values: Values): string {
  if (expr.kind === 'symbol') return values(expr.name);
  if (expr.kind === 'text') return expr.value;
  return holds(expr, values) ? 'y' : 'n';
}

function compare(op: string, left: string, right: string): boolean {
  if (op === '=') return left === right;
  if (op === '!=') return left !== right;
  const difference = Number(left) - Number(right);
  return op === '<' ? difference < 0 : op === '>' ? difference > 0 : op === '<=' ? difference <= 0 : difference >= 0;
}

export function holds(expr: Expr, values: Values): boolean {
  switch (expr.kind) {
    case 'symbol':
      return values(expr.name) === 'y';
    case 'text':
      return expr.value !== 'n' && expr.value !== '';
    case 'not':
      return !holds(expr.of, values);
    case 'and':
      return holds(expr.left, values) && holds(expr.right, values);
    case 'or':
      return holds(expr.left, values) || holds(expr.right, values);
    case 'compare':
      return compare(expr.op, operand(expr.left, values), operand(expr.right, values));
  }
}

export function show(expr: Expr): string {
  switch (expr.kind) {
    case 'symbol':
      return expr.name;
    case 'text':
      return expr.value;
    case 'not':
      return `!${expr.of.kind === 'symbol' ? expr.of.name : `(${show(expr.of)})`}`;
    case 'compare':
      return `${show(expr.left)}${expr.op}${show(expr.right)}`;
    default: {
      const side = (e: Expr): string =>
        (e.kind === 'and' || e.kind === 'or') && e.kind !== expr.kind ? `(${show(e)})` : show(e);
      return `${side(expr.left)} ${expr.kind === 'and' ? '&&' : '||'} ${side(expr.right)}`;
    }
  }
}

/** The operands of a chain of &&. */
export function conjuncts(expr: Expr): Expr[] {
  return expr.kind === 'and' ? [...conjuncts(expr.left), ...conjuncts(expr.right)] : [expr];
}
