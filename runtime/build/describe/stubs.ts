// SPDX-License-Identifier: MIT
// Functions that a driver calls and that do nothing here, because an option of Linux is off: headers then have an empty inline function
// (or a macro) in their #else branch. Found in the text of the headers that the driver's files read.
import type { Config } from '../kconfig/solve.js';

export interface Stub {
  readonly name: string;
  /** Without CONFIG_: what has to be on for the real function. */
  readonly option: string;
  readonly header: string;
}

interface Branch {
  /** Options of the condition that are off. */
  readonly off: readonly string[];
  /** Whether the condition as a whole is false for that reason. */
  readonly isFalse: boolean;
  inElse: boolean;
}

/** `#if` lines: which options they ask for. `!` and #ifndef are the other way round. */
function branchOf(word: string, condition: string, config: Config): Branch {
  const names = [...condition.matchAll(/(!\s*(?:defined|IS_ENABLED|IS_REACHABLE|IS_BUILTIN)?\s*\(?\s*)?CONFIG_(\w+)/g)];
  const positive = names.filter((m) => !m[1]).map((m) => (m[2] ?? '').replace(/_MODULE$/, ''));
  const negative = names.filter((m) => m[1]).map((m) => m[2] ?? '');
  const isOff = (name: string): boolean => (config.get(name) ?? 'n') === 'n';
  const inverted = word === 'ifndef' || (positive.length === 0 && negative.length > 0);
  const options = inverted ? [...positive, ...negative] : positive;
  const off = options.filter(isOff);
  const all = condition.includes('&&') ? off.length > 0 : off.length === options.length;
  return { off, isFalse: options.length > 0 && all, inElse: inverted };
}

const FUNCTION = /^\s*(?:static\s+(?:__always_)?inline|static __always_inline)\s[^;=(]*?\b(\w+)\s*\(/;
const MACRO = /^\s*#\s*define\s+(\w+)\(/;

/** What an empty function may contain: a value to return, a warning. */
const NO_CALL =
  /\b(?!(?:if|while|for|switch|sizeof|return|void|do|ERR_PTR|WARN\w*|BUG\w*|unlikely|likely|__attribute__)\b)[a-z_]\w*\s*\(/i;

/** Whether the text from a function's or macro's parameters on does something. */
function doesSomething(lines: readonly string[], at: number, isMacro: boolean): boolean {
  const text = isMacro ? (lines[at] ?? '') : lines.slice(at, at + 12).join('\n');
  const start = isMacro ? text.indexOf(')') + 1 : text.indexOf('{') + 1;
  const end = text.indexOf('}', start);
  return NO_CALL.test(text.slice(start, end < 0 || isMacro ? undefined : end));
}

/** All such functions of a header. */
export function stubsIn(text: string, header: string, config: Config): Stub[] {
  const stubs: Stub[] = [];
  const open: Branch[] = [];
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  for (const [i, line] of lines.entries()) {
    const directive = /^\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b(.*)$/.exec(line);
    if (directive) {
      const [, word = '', rest = ''] = directive;
      const last = open.at(-1);
      if (word === 'endif') open.pop();
      else if (word === 'else' && last) last.inElse = !last.inElse;
      else if (word === 'elif' && last) open[open.length - 1] = branchOf('if', rest, config);
      else open.push(branchOf(word, rest, config));
      continue;
    }
    const off = open.find((branch) => branch.inElse && branch.isFalse)?.off[0];
    if (off === undefined) continue;
    // The name may stand on the line after the type.
    const name =
      MACRO.exec(line)?.[1] ??
      FUNCTION.exec(/inline\s+[\w *]*$/.test(line) ? `${line} ${lines[i + 1] ?? ''}` : line)?.[1];
    if (name !== undefined && !doesSomething(lines, i, MACRO.test(line))) stubs.push({ name, option: off, header });
  }
  return stubs;
}

/** Those that a driver's text calls. */
export function stubsCalled(sources: readonly string[], headers: ReadonlyMap<string, string>, config: Config): Stub[] {
  const words = new Set<string>();
  for (const text of sources) for (const match of text.matchAll(/\b([a-z_]\w*)\s*\(/gi)) words.add(match[1] ?? '');
  const found = new Map<string, Stub>();
  for (const [header, text] of headers) {
    for (const stub of stubsIn(text, header, config))
      if (words.has(stub.name) && !found.has(stub.name)) found.set(stub.name, stub);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
