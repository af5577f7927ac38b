// SPDX-License-Identifier: MIT
// No dead export: each exported name is imported somewhere, by tests or by programs, or is offered by the package.
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { FILES, ROOT, text, TYPESCRIPT } from './sources.js';

/** `file name`, and why it stays. */
const KEPT: Readonly<Record<string, string>> = {};

interface Module {
  /** Declared here; a type may name a part of another export's signature. */
  readonly own: Map<string, 'type' | 'value'>;
  /** `export { a as b } from`: by the name outside. */
  readonly passed: Map<string, { readonly from: string; readonly name: string }>;
  readonly all: string[];
  readonly imports: { readonly from: string; readonly names: readonly string[] | 'all' }[];
  readonly words: Map<string, number>;
}

function target(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = normalize(join(dirname(file), specifier));
  // Programs in plain JavaScript import what was compiled.
  const source = path.replace(/^dist\//, '').replace(/\.js$/, '.ts');
  return existsSync(join(ROOT, source)) ? source : undefined;
}

function count(words: Map<string, number>, word: string): void {
  words.set(word, (words.get(word) ?? 0) + 1);
}

function declared(statement: ts.Statement, own: Module['own']): void {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return;
  if (ts.isVariableStatement(statement)) {
    const add = (name: ts.BindingName): void => {
      if (ts.isIdentifier(name)) own.set(name.text, 'value');
      else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name);
    };
    for (const { name } of statement.declarationList.declarations) add(name);
  } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    if (statement.name !== undefined) own.set(statement.name.text, 'value');
  } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    own.set(statement.name.text, 'type');
}

function read(file: string): Module {
  const module: Module = { own: new Map(), passed: new Map(), all: [], imports: [], words: new Map() };
  const source = ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true);
  const passes = (statement: ts.ExportDeclaration): void => {
    const from = statement.moduleSpecifier;
    const to = from !== undefined && ts.isStringLiteral(from) ? target(file, from.text) : file;
    if (to === undefined) return;
    const clause = statement.exportClause;
    if (clause === undefined) module.all.push(to);
    else if (ts.isNamedExports(clause)) {
      for (const { name, propertyName } of clause.elements) {
        const inner = (propertyName ?? name).text;
        if (to === file) module.own.set(name.text, 'value');
        else module.passed.set(name.text, { from: to, name: inner });
      }
    } else module.imports.push({ from: to, names: 'all' });
  };
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) passes(statement);
    else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const from = target(file, statement.moduleSpecifier.text);
      const bindings = statement.importClause?.namedBindings;
      if (from === undefined || bindings === undefined) continue;
      const names = ts.isNamedImports(bindings)
        ? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
        : 'all';
      module.imports.push({ from, names });
    } else declared(statement, module.own);
  }
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) count(module.words, node.text);
    // import('...'), typeof import('...'), new URL('...', import.meta.url): which names of it are used stands somewhere else.
    if (ts.isStringLiteralLike(node) && /\.js$/.test(node.text) && !ts.isImportDeclaration(node.parent)) {
      const from = ts.isExportDeclaration(node.parent) ? undefined : target(file, node.text);
      if (from !== undefined) module.imports.push({ from, names: 'all' });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return module;
}

const scripts = FILES.filter((name) => name.endsWith('.mjs') || name.endsWith('.cjs'));
const modules = new Map([...TYPESCRIPT, ...scripts].map((file) => [file, read(file)] as const));
const used = new Set<string>();

/** Marks a name that somebody takes from a module, through all that pass it on. */
function take(file: string, name: string): boolean {
  const module = modules.get(file);
  if (module === undefined) return false;
  if (module.own.has(name)) {
    used.add(`${file} ${name}`);
    return true;
  }
  const passed = module.passed.get(name);
  if (passed !== undefined) {
    used.add(`${file} ${name}`);
    return take(passed.from, passed.name);
  }
  return module.all.some((from) => take(from, name));
}

function offered(file: string): string[] {
  const module = modules.get(file);
  if (module === undefined) return [];
  return [...module.own.keys(), ...module.passed.keys(), ...module.all.flatMap(offered)];
}

/** Whether a word stands in a file that is not the one which declares it. */
function elsewhere(file: string, name: string): boolean {
  for (const [other, { words }] of modules)
    if (other !== file && !/(^|\/)index\.ts$/.test(other) && words.has(name)) return true;
  return false;
}

const { exports: offers } = JSON.parse(text('package.json')) as {
  exports: Record<string, string | { types?: string }>;
};

t.test('each exported name has a user', async (t) => {
  for (const [, { imports }] of modules) {
    for (const { from, names } of imports) {
      if (names === 'all') for (const name of offered(from)) (elsewhere(from, name) ? take : () => false)(from, name);
      else for (const name of names) take(from, name);
    }
  }
  for (const entry of Object.values(offers)) {
    const types = typeof entry === 'string' ? undefined : entry.types;
    const file = types?.replace(/^\.\/dist\//, '').replace(/\.d\.ts$/, '.ts');
    if (file !== undefined) for (const name of offered(file)) take(file, name);
  }
  const dead: string[] = [];
  for (const [file, { own, passed, words }] of modules) {
    if (!file.endsWith('.ts') || file.includes('.gen.') || file.startsWith('test/')) continue;
    for (const [name, kind] of own) {
      // The type of a parameter, of a result: callers need it, by inference at least.
      if (kind === 'type' && (words.get(name) ?? 0) > 1) continue;
      if (!used.has(`${file} ${name}`)) dead.push(`${file} ${name}`);
    }
    for (const [name, { from, name: inner }] of passed) {
      const isType = modules.get(from)?.own.get(inner) === 'type';
      if (!isType && !used.has(`${file} ${name}`)) dead.push(`${file} ${name}`);
    }
  }
  t.strictSame(
    dead.filter((one) => KEPT[one] === undefined),
    [],
    'a name that nobody imports is no export: take `export` away, or the name',
  );
  t.strictSame(
    Object.keys(KEPT).filter((one) => !dead.includes(one)),
    [],
    'and nothing is kept that has a user',
  );
});
