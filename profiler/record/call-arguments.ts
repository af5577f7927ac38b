// SPDX-License-Identifier: MIT
// Which arguments of calls are recorded, and what the trace file says of them.

import type { Prototype, Prototypes } from '../../tracer/symbols/index.js';
import type { Site } from '../builds/manifest.js';

/** Where the function behind a site begins. */
export const functionOf = (site: Site): number => site.target ?? site.addr;

const pointer = (name: string, type: string, word: number) => ({ name, type, format: 'hex', bits: 32, word }) as const;
const int = (name: string, word: number) =>
  ({ name, type: 'int', format: 'dec', bits: 32, signed: true, word }) as const;
const size = (word: number) => ({ name: 'n', type: 'size_t', format: 'dec', bits: 32, word }) as const;
const returned = (type: string, format: 'dec' | 'hex') =>
  ({ name: 'ret', type, format, bits: 32, ...(type === 'int' && { signed: true }) }) as const;

/** The C library's functions that stand in for the kernel's have no debug information. */
const C_LIBRARY: Readonly<Record<string, Prototype>> = Object.fromEntries(
  [
    ['memcpy', [pointer('dest', 'void *', 0), pointer('src', 'const void *', 1), size(2)], returned('void *', 'hex')],
    ['memmove', [pointer('dest', 'void *', 0), pointer('src', 'const void *', 1), size(2)], returned('void *', 'hex')],
    ['memset', [pointer('s', 'void *', 0), int('c', 1), size(2)], returned('void *', 'hex')],
    ['memcmp', [pointer('a', 'const void *', 0), pointer('b', 'const void *', 1), size(2)], returned('int', 'dec')],
    ['memchr', [pointer('s', 'const void *', 0), int('c', 1), size(2)], returned('void *', 'hex')],
    ['strlen', [pointer('s', 'const char *', 0)], returned('size_t', 'dec')],
    ['strnlen', [pointer('s', 'const char *', 0), size(1)], returned('size_t', 'dec')],
    ['strcmp', [pointer('a', 'const char *', 0), pointer('b', 'const char *', 1)], returned('int', 'dec')],
    ['strncmp', [pointer('a', 'const char *', 0), pointer('b', 'const char *', 1), size(2)], returned('int', 'dec')],
    ['strcpy', [pointer('dest', 'char *', 0), pointer('src', 'const char *', 1)], returned('char *', 'hex')],
    ['strncpy', [pointer('dest', 'char *', 0), pointer('src', 'const char *', 1), size(2)], returned('char *', 'hex')],
    ['strchr', [pointer('s', 'const char *', 0), int('c', 1)], returned('char *', 'hex')],
    ['strrchr', [pointer('s', 'const char *', 0), int('c', 1)], returned('char *', 'hex')],
    ['strstr', [pointer('s', 'const char *', 0), pointer('what', 'const char *', 1)], returned('char *', 'hex')],
  ].map(([name, args, returns]) => {
    const list = args as Prototype['args'];
    return [name, { name, args: list, words: list.length - 1, returns } as Prototype];
  }),
);

function prototypeOf(site: Site, prototypes: Prototypes): Prototype | undefined {
  // gcc takes arguments away from the clones that it makes (`f.isra.0`, `f.constprop.0`).
  if (site.name.includes('.')) return undefined;
  const known = prototypes.byAddress.get(functionOf(site));
  return known ?? (site.kind === 'api' && Object.hasOwn(C_LIBRARY, site.name) ? C_LIBRARY[site.name] : undefined);
}

/** By site number: how many arguments after the first an entry has to keep, for the sites that are switched on. */
export function argCounts(sites: readonly Site[], chosen: readonly number[], prototypes: Prototypes): Uint8Array {
  const counts = new Uint8Array(Math.max(0, ...chosen.map((i) => i + 1)));
  const on = new Set(chosen);
  for (const site of sites) {
    if (on.has(site.i)) counts[site.i] = prototypeOf(site, prototypes)?.words ?? 0;
  }
  return counts;
}

/** The sites with their prototypes, and the names of enum values, for the metadata. */
export function describeSites(sites: readonly Site[], prototypes: Prototypes): { sites: object[]; siteEnums: object } {
  return {
    sites: sites.map((site) => {
      const known = prototypeOf(site, prototypes);
      if (known === undefined) return site;
      return { ...site, args: known.args, ...(known.returns !== undefined && { returns: known.returns }) };
    }),
    siteEnums: prototypes.enums,
  };
}
