// SPDX-License-Identifier: MIT
// Coverage as an lcov tracefile (geninfo(1)), which CI systems and editors read.

import { type CoverageFile, totalsOf } from './model.js';

/** A way is `-` when its condition was never evaluated. */
function branchLines({ line, branches }: CoverageFile['lines'][number]): string[] {
  return branches.flatMap(({ counts }, block) => {
    const reached = counts.some((count) => count > 0);
    return counts.map((count, way) => `BRDA:${line},${block},${way},${reached ? count : '-'}`);
  });
}

export function renderLcov(files: readonly CoverageFile[], test: string): string {
  const out: string[] = [];
  for (const file of files) {
    const { lines, functions, branches } = totalsOf([file]);
    out.push(
      `TN:${test.replace(/\W/g, '_')}`,
      `SF:${file.path}`,
      ...file.functions.map(({ name, line }) => `FN:${line},${name}`),
      ...file.functions.map(({ name, count }) => `FNDA:${count},${name}`),
      `FNF:${functions.total}`,
      `FNH:${functions.hit}`,
      ...file.lines.flatMap(branchLines),
      `BRF:${branches.total}`,
      `BRH:${branches.hit}`,
      ...file.lines.map(({ line, count }) => `DA:${line},${count}`),
      `LF:${lines.total}`,
      `LH:${lines.hit}`,
      'end_of_record',
    );
  }
  return out.map((line) => `${line}\n`).join('');
}
