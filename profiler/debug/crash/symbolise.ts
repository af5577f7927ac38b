// SPDX-License-Identifier: MIT
// Code addresses as functions and source lines, with what is inlined there: by addr2line, which knows it.

import { execa } from 'execa';

export interface CodeFrame {
  /** In hex, as the process told it. */
  readonly pc: string;
  readonly function: string;
  readonly file?: string;
  readonly line?: number;
  /** Its code stands inside of the next frame's function. */
  readonly inlined: boolean;
  /** Frames that are left out before this one. */
  readonly omitted?: number;
}

const PLACE = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/;

/** Output of `addr2line -a -f -i`: the address, then a line with the function and one with the place for each, innermost first. */
export function parseFrames(output: string): CodeFrame[][] {
  const all: CodeFrame[][] = [];
  let name: string | undefined;
  for (const line of output.split('\n')) {
    if (/^0x[0-9a-f]+$/.test(line)) {
      all.push([]);
      name = undefined;
    } else if (name === undefined) {
      name = line;
    } else {
      const [, file = '??', number = '?'] = PLACE.exec(line) ?? [];
      const where = file === '??' || number === '?' ? {} : { file, line: Number(number) };
      all.at(-1)?.push({ pc: '', function: name, inlined: true, ...where });
      name = undefined;
    }
  }
  return all.map((frames) => frames.map((frame, i) => ({ ...frame, inlined: i < frames.length - 1 })));
}

/**
 * @param pcs in hex; the first is an instruction when `exact`, all others are where calls return to
 * @returns innermost first; addresses alone without addr2line
 */
export async function symbolise(executable: string, pcs: readonly string[], exact: boolean): Promise<CodeFrame[]> {
  if (pcs.length === 0) return [];
  // A return address belongs to the line of the call before it.
  const asked = pcs.map((pc, i) => `0x${(BigInt(pc) - (exact && i === 0 ? 0n : 1n)).toString(16)}`);
  const found = await execa('addr2line', ['-a', '-f', '-i', '-e', executable, ...asked], { reject: false });
  const frames = found.exitCode === 0 ? parseFrames(found.stdout) : [];
  return pcs.flatMap((pc, i) => (frames[i] ?? [{ function: '??', inlined: false }]).map((frame) => ({ ...frame, pc })));
}

/** As addr2line prints it: `function at file.c:12`. */
export function frameLine({ pc, function: name, file, line }: CodeFrame, previous?: CodeFrame): string {
  const inlined = previous?.inlined === true ? ' (inlined by) ' : '';
  if (name === '??' && file === undefined) return `${inlined}${pc}`;
  return `${inlined}${name} at ${file === undefined ? '??' : `${file.slice(file.lastIndexOf('/') + 1)}:${line}`}`;
}
