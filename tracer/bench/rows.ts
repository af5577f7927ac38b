// SPDX-License-Identifier: MIT
// A line of a benchmark's result, with its goal.

export interface Row {
  readonly name: string;
  /** undefined: not measured, since a tool is not installed. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** A goal that was not measured is not reached. */
export function met({ value, atMost, atLeast }: Row): boolean {
  if (atMost === undefined && atLeast === undefined) return true;
  return (
    value !== undefined &&
    value <= (atMost ?? Number.POSITIVE_INFINITY) &&
    value >= (atLeast ?? Number.NEGATIVE_INFINITY)
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function printRow(row: Row): void {
  const { name, value, unit, atMost, atLeast } = row;
  const shown = value === undefined ? '-' : value.toFixed(unit === 'ns' ? 1 : 3);
  const goal = atMost !== undefined ? `at most ${atMost}` : atLeast !== undefined ? `at least ${atLeast}` : '';
  const verdict = goal === '' ? '' : value === undefined ? 'NOT MEASURED' : met(row) ? 'met' : 'MISSED';
  process.stdout.write(
    `${`${name.padEnd(68)} ${shown.padStart(9)} ${unit.padEnd(3)} ${goal.padEnd(14)} ${verdict}`.trimEnd()}\n`,
  );
}
