// SPDX-License-Identifier: MIT
// `build --explain`: which symbols a driver needs and where each comes from; which of its calls do nothing here.
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Kconfig } from '../kconfig/parse.js';
import { readKernelKconfig } from '../kconfig/parse.js';
import { parseConfig, solve } from '../kconfig/solve.js';
import { type Stub, stubsCalled } from './stubs.js';

export interface Need {
  readonly name: string;
  /** real: Linux; port: arch/dde; host: the C library; missing: nobody; private: Linux, but not for modules. */
  readonly kind: 'real' | 'port' | 'host' | 'missing' | 'private';
  /** The object that defines it. */
  readonly home?: string;
  /** The driver's files that refer to it. */
  readonly users: readonly string[];
  /** What would bring it. */
  readonly remedy?: string;
}

export interface Needs {
  readonly symbols: readonly Need[];
  readonly stubs: readonly (Stub & { readonly remedy: string })[];
}

/** How an option gets on, or why it cannot. */
function remedyOfOption(kconfig: Kconfig, base: ReadonlyMap<string, string>, option: string): string {
  const { assignments, reason } = solve(kconfig, base, [option]);
  if (reason !== undefined) return `CONFIG_${option} cannot be had here: ${reason}`;
  const prompted = assignments.has(option) ? option : ([...assignments.keys()][0] ?? option);
  return `--config CONFIG_${prompted}=y`;
}

/** `sources`: what the driver's files read, the file itself first; relative to the tree or absolute. */
export async function findStubs(tree: string, sources: readonly (readonly string[])[]): Promise<Needs['stubs']> {
  const read = (path: string): Promise<string> =>
    readFile(isAbsolute(path) ? path : join(tree, path), 'utf8').catch(() => '');
  const config = parseConfig(await read('obj/.config'));
  const own = [...new Set(sources.flatMap((list) => list.slice(0, 1)))];
  const headers = new Map<string, string>();
  for (const path of new Set(sources.flat())) if (/^include\/.*\.h$/.test(path)) headers.set(path, await read(path));
  const stubs = stubsCalled(await Promise.all(own.map(read)), headers, config);
  if (stubs.length === 0) return [];
  const kconfig = readKernelKconfig(tree);
  return stubs.map((stub) => ({ ...stub, remedy: remedyOfOption(kconfig, config, stub.option) }));
}

const WORDS: Readonly<Record<Need['kind'], string>> = {
  real: 'in Linux itself',
  port: 'in the port (runtime/arch/dde)',
  host: 'in the C library',
  private: 'in Linux, but not exported to modules',
  missing: 'nowhere',
};

/** What a terminal shows. */
export function formatNeeds(title: string, { symbols, stubs }: Needs): string {
  const lines = [`${title}: ${symbols.length} symbols`];
  for (const kind of ['real', 'port', 'host', 'private', 'missing'] as const) {
    const some = symbols.filter((s) => s.kind === kind);
    if (some.length === 0) continue;
    lines.push(
      `  ${String(some.length).padStart(5)}  ${WORDS[kind]}${kind === 'real' ? '' : `: ${some.map((s) => s.name).join(', ')}`}`,
    );
    for (const { name, users, remedy } of some)
      if (remedy) lines.push(`         ${name} (used by ${users.join(', ')}): ${remedy}`);
  }
  if (stubs.length > 0) lines.push('calls that do nothing here, as an option of Linux is off:');
  const width = Math.max(0, ...stubs.map((stub) => stub.name.length));
  for (const { name, option, remedy } of stubs) {
    lines.push(`  ${name.padEnd(width)}  CONFIG_${option}${remedy.includes(option) ? ': ' : ', '}${remedy}`);
  }
  return `${lines.join('\n')}\n`;
}
