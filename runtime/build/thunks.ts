// SPDX-License-Identifier: MIT
// Which functions get a thunk, and the assembler source of the thunks.
import { THUNK_PREFIX } from './instrument.js';

/**
 * Not calls of the kernel's interface but the port's own hooks, which have typed events: device access, address conversion,
 * interrupt delivery.
 */
const HOOK = /^(dde_|ddekit_|ddet_)/;

/**
 * What the port takes from the host's C library in place of the kernel's lib/string.c (arch/dde's asm/string.h): for a driver they are
 * calls of the kernel as any other.
 */
const C_LIBRARY = /^(mem(chr|cmp|cpy|move|set)|str(cat|chr|cmp|cpy|cspn|len|ncat|ncmp|ncpy|nlen|pbrk|rchr|spn|str))$/;

/**
 * Undefined symbols of the driver that are functions of the core, sorted: the order of sites.json and of the run-time table.
 * Undefined data and symbols of the linker script have no type T in any core object and fall out.
 */
export function apiFunctions(
  undefinedSymbols: ReadonlySet<string>,
  coreFunctions: ReadonlySet<string>,
): string[] {
  return [...undefinedSymbols].filter((name) => (coreFunctions.has(name) || C_LIBRARY.test(name)) && !HOOK.test(name)).sort();
}

/** A thunk is one 5-byte jump, aligned so that it can be replaced by one store; a row tells the tracer both addresses. */
export function thunkSource(functions: readonly string[]): string {
  const lines = ['# Generated. One jump for each kernel function that the driver calls.'];
  lines.push('\t.section .text.ddethunk, "ax", @progbits');
  for (const name of functions) {
    const thunk = THUNK_PREFIX + name;
    lines.push(
      '\t.balign 8',
      `\t.globl ${thunk}`,
      `\t.type ${thunk}, @function`,
      `${thunk}:`,
      '\t.byte 0xe9',
      `\t.long ${name} - . - 4`,
      `\t.size ${thunk}, . - ${thunk}`,
    );
  }
  lines.push('\t.section ddet_api_sites, "aw", @progbits', '\t.balign 8');
  for (const name of functions) lines.push(`\t.quad ${THUNK_PREFIX}${name}, ${name}`);
  lines.push('\t.section .note.GNU-stack, "", @progbits', '');
  return lines.join('\n');
}
