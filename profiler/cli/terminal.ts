// SPDX-License-Identifier: MIT
// How text may look: colours and the width of lines. Each is decided here and nowhere else.

import { fstatSync } from 'node:fs';

export type ColorChoice = 'auto' | 'always' | 'never';

let choice: ColorChoice = 'auto';

/** What --color asks for. */
export function chooseColor(asked: ColorChoice): void {
  choice = asked;
}

/** NO_COLOR (https://no-color.org) and TERM=dumb count unless --color says otherwise. */
export function colorOn(stream: { readonly isTTY?: boolean }): boolean {
  if (choice !== 'auto') return choice === 'always';
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

/** Of standard output. No width: it is no terminal, and nothing is cut. */
export function outputStyle(): { readonly color: boolean; readonly width: number | undefined } {
  const { stdout } = process;
  return { color: colorOn(stdout), width: stdout.isTTY ? stdout.columns : undefined };
}

/** Progress lines and the result end in the same terminal, file or pipe. */
export function outputsAreOne(): boolean {
  try {
    const [out, error] = [fstatSync(1), fstatSync(2)];
    return out.dev === error.dev && out.ino === error.ino;
  } catch {
    return false;
  }
}
