// SPDX-License-Identifier: MIT
// A reader of Kconfig files: symbols, where they can be set, what they depend on and what selects them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { and, type Expr, parseExpr, tokenize, YES } from './expr.js';

export interface Conditional<T> {
  readonly value: T;
  readonly when: Expr;
}

/** One `config NAME` block; a symbol may have several. */
export interface Entry {
  readonly name: string;
  readonly file: string;
  /** Own `depends on` and those of the menus, ifs and choices around it. */
  depends: Expr;
  /** When the prompt is shown; undefined: the user cannot set it here. */
  prompt: Expr | undefined;
  readonly defaults: Conditional<Expr>[];
  readonly selects: Conditional<string>[];
}

export interface Kconfig {
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
  /** Who selects a symbol. */
  readonly selectors: ReadonlyMap<string, readonly Conditional<string>[]>;
}

type ReadText = (path: string) => string | undefined;

interface Block {
  readonly kind: 'menu' | 'if' | 'choice';
  depends: Expr;
  visible: Expr;
}

function logicalLines(text: string): string[] {
  return text.replace(/\\\n/g, ' ').split('\n');
}

function indent(line: string): number {
  let column = 0;
  for (const c of line) {
    if (c === '\t') column = (column | 7) + 1;
    else if (c === ' ') column++;
    else break;
  }
  return column;
}

/** What follows an `if`. */
function conditionOf(tokens: string[]): Expr {
  if (tokens[0] !== 'if') return YES;
  tokens.shift();
  return parseExpr(tokens);
}

/** Splits `EXPR if EXPR` at the `if`. */
function valueIf(tokens: string[]): Conditional<Expr> {
  const value = parseExpr(tokens);
  return { value, when: conditionOf(tokens) };
}

class Parser {
  readonly entries = new Map<string, Entry[]>();
  readonly blocks: Block[] = [];
  entry: Entry | undefined;
  /** The block whose own attributes may still follow. */
  open: Block | undefined;

  readonly read: ReadText;
  readonly variables: Readonly<Record<string, string>>;

  constructor(read: ReadText, variables: Readonly<Record<string, string>>) {
    this.read = read;
    this.variables = variables;
  }

  file(path: string): void {
    const text = this.read(path);
    if (text === undefined) return;
    let helpIndent = -1; // -1: not in a help text; 0: its first line is awaited
    for (const line of logicalLines(text)) {
      if (helpIndent >= 0) {
        if (line.trim() === '') continue;
        const at = indent(line);
        if (helpIndent === 0 && at > 0) {
          helpIndent = at;
          continue;
        }
        if (helpIndent > 0 && at >= helpIndent) continue;
        helpIndent = -1;
      }
      if (/^\s*(---)?help(---)?\s*$/.test(line)) helpIndent = 0;
      else this.line(line, path);
    }
  }

  context(): { depends: Expr; visible: Expr } {
    let depends: Expr = YES;
    let visible: Expr = YES;
    for (const block of this.blocks) {
      depends = and(depends, block.depends);
      visible = and(visible, block.visible);
    }
    return { depends, visible };
  }

  begin(kind: Block['kind'], depends: Expr): void {
    this.entry = undefined;
    const block: Block = { kind, depends, visible: YES };
    this.blocks.push(block);
    this.open = kind === 'if' ? undefined : block;
  }

  config(name: string, file: string): void {
    const { depends } = this.context();
    this.entry = { name, file, depends, prompt: undefined, defaults: [], selects: [] };
    this.open = undefined;
    const known = this.entries.get(name);
    if (known) known.push(this.entry);
    else this.entries.set(name, [this.entry]);
  }

  setPrompt(rest: string): void {
    const tokens = tokenize(rest);
    if (!this.entry || tokens.length === 0) return;
    tokens.shift();
    const when = conditionOf(tokens);
    this.entry.prompt = and(this.context().visible, when);
  }

  line(raw: string, file: string): void {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    // `if(X)` is an if; `if-success := ...` is a macro's definition.
    const match = /^([a-z_]+)(?=[\s("']|$)\s*(.*)$/.exec(line);
    if (!match) return;
    const [, word = '', rest = ''] = match;
    if (!this.structure(word, rest, file)) this.attribute(word, rest);
  }

  /** Whatever ends the block before it. */
  structure(word: string, rest: string, file: string): boolean {
    switch (word) {
      case 'config':
      case 'menuconfig':
        this.config(rest.trim(), file);
        return true;
      case 'menu':
      case 'choice':
        this.begin(word, YES);
        return true;
      case 'if':
        this.begin('if', parseExpr(tokenize(rest)));
        return true;
      case 'source':
      case 'rsource':
      case 'osource':
      case 'endmenu':
      case 'endif':
      case 'endchoice':
      case 'comment':
      case 'mainmenu':
        this.entry = undefined;
        this.open = undefined;
        if (word.startsWith('end')) this.blocks.pop();
        if (word.endsWith('source')) this.file(this.expand(rest));
        return true;
      default:
        return false;
    }
  }

  expand(path: string): string {
    return path.replace(/^["']|["']$/g, '').replace(/\$\((\w+)\)/g, (_, name: string) => this.variables[name] ?? '');
  }

  attribute(word: string, rest: string): void {
    const owner = this.entry ?? this.open;
    switch (word) {
      case 'depends':
        if (owner) owner.depends = and(owner.depends, parseExpr(tokenize(rest.replace(/^on\b/, ''))));
        break;
      case 'visible':
        if (this.open) this.open.visible = and(this.open.visible, parseExpr(tokenize(rest.replace(/^if\b/, ''))));
        break;
      case 'bool':
      case 'tristate':
      case 'int':
      case 'hex':
      case 'string':
      case 'prompt':
        this.setPrompt(rest);
        break;
      case 'default':
      case 'def_bool':
      case 'def_tristate':
        this.entry?.defaults.push(valueIf(tokenize(rest)));
        break;
      case 'select': {
        const tokens = tokenize(rest);
        const value = tokens.shift() ?? '';
        this.entry?.selects.push({ value, when: conditionOf(tokens) });
        break;
      }
    }
  }
}

export function parseKconfig(read: ReadText, top = 'Kconfig', variables: Record<string, string> = {}): Kconfig {
  const parser = new Parser(read, variables);
  parser.file(top);
  const selectors = new Map<string, Conditional<string>[]>();
  for (const [name, list] of parser.entries) {
    for (const entry of list) {
      for (const { value, when } of entry.selects) {
        const known = selectors.get(value);
        if (known) known.push({ value: name, when });
        else selectors.set(value, [{ value: name, when }]);
      }
    }
  }
  return { entries: parser.entries, selectors };
}

/** The Kconfig of a kernel tree as ARCH=dde sees it. */
export function readKernelKconfig(tree: string): Kconfig {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(tree, path), 'utf8');
    } catch {
      return undefined;
    }
  };
  return parseKconfig(read, 'Kconfig', { SRCARCH: 'dde', HEADER_ARCH: 'dde' });
}
