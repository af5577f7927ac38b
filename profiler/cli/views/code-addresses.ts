// SPDX-License-Identifier: MIT
// Names for code addresses in the driver's console. The kernel prints %pS as a bare number when it has no symbol table of its own, which
// this process does not hold: the executable does.

import { ElfError, type ElfSymbol } from '../../../tracer/elf/elf.js';
import { ElfFile } from '../../../tracer/elf/file.js';

/** As lib/vsprintf.c prints a pointer without a symbol: 16 digits. */
const ADDRESS = /\b0x0{8}[0-9a-f]{8}\b/g;

function functionsOf(executable: string): readonly ElfSymbol[] {
  let elf: ElfFile | undefined;
  try {
    elf = new ElfFile(executable);
    return elf.functions();
  } catch (error) {
    // It has no symbols, or is no executable: the number stays.
    if (error instanceof ElfError || (error instanceof Error && 'code' in error)) return [];
    throw error;
  } finally {
    elf?.close();
  }
}

/** `name+0x1a/0x30`, as the kernel writes it; undefined for an address in no function. */
function symbolic(functions: readonly ElfSymbol[], address: number): string | undefined {
  let [low, high] = [0, functions.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((functions[mid] as ElfSymbol).value <= address) low = mid + 1;
    else high = mid;
  }
  const found = functions[low - 1];
  if (found === undefined || address >= found.value + found.size) return undefined;
  return `${found.name}+0x${(address - found.value).toString(16)}/0x${found.size.toString(16)}`;
}

/** Turns lines of the console into lines with names. The executable is read when a line needs it. */
export function nameAddresses(executable: string): (line: string) => string {
  let functions: readonly ElfSymbol[] | undefined;
  return (line) =>
    line.replace(ADDRESS, (text) => {
      functions ??= functionsOf(executable);
      return symbolic(functions, Number(text)) ?? text;
    });
}
