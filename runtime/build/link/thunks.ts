// SPDX-License-Identifier: MIT
// Which functions get a thunk, and the assembler source of the thunks.
import { THUNK_PREFIX } from './instrument.js';

export const GUARD_PREFIX = '__ddeguard_';
/** Where in a guard the jump to the function stands: behind a test of 7 bytes and a branch of 2. */
export const GUARD_JUMP = 9;

/**
 * Not calls of the kernel's interface but the port's own hooks, which have typed events: device access, address conversion,
 * interrupt delivery. Nor is what the compiler calls to check the module's own accesses.
 */
const HOOK = /^(dde_|ddekit_|ddet_|__asan_|__ubsan_)/;

/**
 * What the port takes from the host's C library in place of the kernel's lib/string.c (arch/dde's asm/string.h): for a driver they are
 * calls of the kernel as any other.
 */
export const C_LIBRARY =
  /^(mem(chr|cmp|cpy|move|set)|str(cat|chr|cmp|cpy|cspn|len|ncat|ncmp|ncpy|nlen|pbrk|rchr|spn|str))$/;

/**
 * Undefined symbols of the driver that are functions of the core, sorted: the order of sites.json and of the run-time table.
 * Undefined data and symbols of the linker script have no type T in any core object and fall out.
 */
export function apiFunctions(undefinedSymbols: ReadonlySet<string>, coreFunctions: ReadonlySet<string>): string[] {
  return [...undefinedSymbols]
    .filter((name) => (coreFunctions.has(name) || C_LIBRARY.test(name)) && !HOOK.test(name))
    .sort();
}

/** What a guard does: the bits of runtime/arch/dde/check/guard.c. */
const GUARD_BIT = {
  sleep: 1,
  site: 2,
  irq: 4,
  region: 8,
  widen: 16,
  frees: 32,
  unmark: 64,
  'pci-irq': 128,
  copies: 2 ** 24,
  delays: 2 ** 25,
  'copies-string': 2 ** 26,
  'adds-string': 2 ** 27,
  lock: 2 ** 28,
} as const;
const GIVES: readonly string[] = ['', 'memory', 'pages', 'page-address', 'iomap', 'skb', 'netdev', 'text'];
const GFP_SHIFT = 8;
const OBJECT_SHIFT = 12;
const GIVES_SHIFT = 16;
const TAKES_SHIFT = 20;
const FIELD = 15;
/** Arguments that are passed in registers. */
const ARGUMENTS = 6;
/**
 * Classes of objects that check/objects.c knows by their numbers, which begin with 1; those that the table has beside them are numbered
 * as they come.
 */
const CLASSES: readonly string[] = [
  'thread',
  'debugfs',
  'debugfs-lookup',
  'proc',
  'proc-name',
  'sysfs',
  'device',
  'device-number',
  'input',
  'enabled',
  'master',
  'vectors',
  'device-reference',
  'sysfs-link',
];
/** Fields above the 32 bits of the others: all fit a double. */
const CLASS = 2 ** 32;
const MADE = 2 ** 40;
const ENDED = 2 ** 45;
const NEWEST = 2 ** 48;
const VOID = 2 ** 49;
/** What a call makes is known by an argument, by its result (a pointer, or a number), by a major number, by what an argument points to. */
const MADE_KEY: Readonly<Record<string, number>> = { result: 7, number: 8, major: 9 };
const POINTED_TO = 10;

function field(what: number, unit: number, size: number): number {
  return Math.floor(what / unit) % size;
}

class Classes {
  private readonly names = [...CLASSES];

  number(name: string): number {
    if (!this.names.includes(name)) this.names.push(name);
    return this.names.indexOf(name) + 1;
  }
}

/** `made=CLASS:KEY`, `ended=CLASS:N`, `put=CLASS:N` (of several the newest): what the word adds; undefined if it is none of them. */
function objectWord(key: string | undefined, value: string, classes: Classes): number | undefined {
  const [, name, deref, at] = /^([a-z][\w-]*):(\*?)(\w+)$/.exec(value) ?? [];
  if (name === undefined || at === undefined) return undefined;
  const argument = /^[1-6]$/.test(at) ? Number(at) : undefined;
  const of = CLASS * classes.number(name);
  if (key === 'made') {
    const from = deref === '*' ? argument && argument + POINTED_TO : (argument ?? MADE_KEY[at]);
    return from === undefined ? undefined : of + MADE * from;
  }
  if (argument === undefined || deref === '*' || (key !== 'ended' && key !== 'put')) return undefined;
  return of + ENDED * argument + (key === 'put' ? NEWEST : 0);
}

/** Reads arch/dde/tables/guards.txt: by function, what its guard does. Throws on a word it does not know. */
export function readGuards(text: string): Map<string, number> {
  const guards = new Map<string, number>();
  const classes = new Classes();
  for (const line of text.split('\n')) {
    const [name, ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (name === undefined || name === '') continue;
    let what = 0;
    let objects = 0;
    for (const word of words) {
      const [key, value] = word.split('=');
      const number = Number(value);
      const isArgument = Number.isInteger(number) && number >= 1 && number <= ARGUMENTS;
      if (value === undefined && key !== undefined && key in GUARD_BIT) {
        what |= GUARD_BIT[key as keyof typeof GUARD_BIT];
      } else if (key === 'gfp' && isArgument) what |= number << GFP_SHIFT;
      else if (key === 'object' && isArgument) what |= number << OBJECT_SHIFT;
      else if (key === 'takes' && isArgument) what |= number << TAKES_SHIFT;
      else if (key === 'gives' && GIVES.indexOf(value ?? '') > 0) what |= GIVES.indexOf(value ?? '') << GIVES_SHIFT;
      else if (word === 'void') objects += VOID;
      else if (objectWord(key, value ?? '', classes) !== undefined) {
        const more = objectWord(key, value ?? '', classes) as number;
        // Of two words the class is the same.
        objects += field(objects, CLASS, 256) === 0 ? more : more - CLASS * field(more, CLASS, 256);
      } else throw new Error(`guards.txt: ${name}: no such word: ${word}`);
    }
    if (((what >> OBJECT_SHIFT) & FIELD) === 0) what |= 1 << OBJECT_SHIFT;
    guards.set(name, objects + what);
  }
  return guards;
}

/** The functions that end something: theirs is the only address that may be replaced, as nobody compares it. */
export function endingFunctions(guards: ReadonlyMap<string, number>): Set<string> {
  return new Set([...guards].filter(([, what]) => field(what, ENDED, 8) !== 0).map(([name]) => name));
}

/** Stands between thunk and function. While nobody records the category it is a test and a jump; see guard.c. */
function guardSource(name: string, what: number): string[] {
  const guard = GUARD_PREFIX + name;
  return [
    '\t.balign 8',
    `\t.type ${guard}, @function`,
    `${guard}:`,
    '\tcmpb $0, dde_guards_on(%rip)',
    '\tjne 1f',
    `\tjmp ${name}`,
    `1:\tleaq ${name}(%rip), %r11`,
    `\tmovabsq $0x${what.toString(16)}, %r10`,
    `\tjmp ${((what >> GIVES_SHIFT) & FIELD) === 0 && field(what, MADE, 32) === 0 ? 'dde_guard_entry' : 'dde_guard_gives'}`,
    `\t.size ${guard}, . - ${guard}`,
  ];
}

/**
 * A thunk is one 5-byte jump, aligned so that it can be replaced by one store; a row tells the tracer both addresses.
 */
export function thunkSource(functions: readonly string[], guards: ReadonlyMap<string, number> = new Map()): string {
  const lines = ['# Generated. One jump for each kernel function that the driver calls.'];
  lines.push('\t.section .text.ddethunk, "ax", @progbits');
  const target = (name: string): string => (guards.has(name) ? GUARD_PREFIX : '') + name;
  for (const name of functions) {
    const thunk = THUNK_PREFIX + name;
    lines.push(
      '\t.balign 8',
      `\t.globl ${thunk}`,
      `\t.type ${thunk}, @function`,
      `${thunk}:`,
      '\t.byte 0xe9',
      `\t.long ${target(name)} - . - 4`,
      `\t.size ${thunk}, . - ${thunk}`,
    );
  }
  for (const name of functions) {
    const what = guards.get(name);
    if (what === undefined) continue;
    lines.push(...guardSource(name, what));
  }
  lines.push('\t.section ddet_api_sites, "aw", @progbits', '\t.balign 8');
  for (const name of functions) lines.push(`\t.quad ${THUNK_PREFIX}${name}, ${target(name)}`);
  lines.push('\t.section .note.GNU-stack, "", @progbits', '');
  return lines.join('\n');
}
