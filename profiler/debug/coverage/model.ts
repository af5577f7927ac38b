// SPDX-License-Identifier: MIT
// Which lines, branches and functions of a driver have run, and how often. Pure.

export interface CoverageLine {
  readonly line: number;
  readonly count: number;
  /** Of each function that the line is compiled into: how often each way was taken. */
  readonly branches: readonly { readonly function: string; readonly counts: readonly number[] }[];
}

export interface CoverageFunction {
  readonly name: string;
  readonly line: number;
  readonly count: number;
}

export interface CoverageFile {
  /** Absolute. */
  readonly path: string;
  readonly functions: readonly CoverageFunction[];
  readonly lines: readonly CoverageLine[];
}

export interface Ratio {
  readonly hit: number;
  readonly total: number;
}

export interface CoverageTotals {
  readonly lines: Ratio;
  readonly functions: Ratio;
  readonly branches: Ratio;
}

const sum = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));

/** By key, in the order of first sight. */
function joined<T>(lists: readonly (readonly T[])[], key: (item: T) => string, add: (a: T, b: T) => T): T[] {
  const all = new Map<string, T>();
  for (const item of lists.flat()) {
    const before = all.get(key(item));
    all.set(key(item), before === undefined ? item : add(before, item));
  }
  return [...all.values()];
}

function addLines(a: CoverageLine, b: CoverageLine): CoverageLine {
  const branches = joined(
    [a.branches, b.branches],
    (one) => one.function,
    (x, y) => ({ ...x, counts: sum(x.counts, y.counts) }),
  );
  return { line: a.line, count: a.count + b.count, branches };
}

/** The sum of runs, or of the objects of one run that a header is compiled into. */
export function mergeCoverage(...runs: readonly (readonly CoverageFile[])[]): CoverageFile[] {
  const files = joined(
    runs,
    (file) => file.path,
    (a, b) => ({
      path: a.path,
      functions: joined(
        [a.functions, b.functions],
        (one) => `${one.name}:${one.line}`,
        (x, y) => ({ ...x, count: x.count + y.count }),
      ),
      lines: joined([a.lines, b.lines], (one) => String(one.line), addLines),
    }),
  );
  return files
    .map((file) => ({
      ...file,
      functions: [...file.functions].sort((a, b) => a.line - b.line),
      lines: [...file.lines].sort((a, b) => a.line - b.line),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function ratio(counts: readonly number[]): Ratio {
  return { hit: counts.filter((count) => count > 0).length, total: counts.length };
}

export function totalsOf(files: readonly CoverageFile[]): CoverageTotals {
  const lines = files.flatMap((file) => file.lines);
  return {
    lines: ratio(lines.map((one) => one.count)),
    functions: ratio(files.flatMap((file) => file.functions.map((one) => one.count))),
    branches: ratio(lines.flatMap((one) => one.branches.flatMap((branch) => branch.counts))),
  };
}

/** Of a hundred; of nothing all is covered. */
export function percent({ hit, total }: Ratio): number {
  return total === 0 ? 100 : (100 * hit) / total;
}
