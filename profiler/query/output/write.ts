// SPDX-License-Identifier: MIT
// Rows as a table for people, as CSV, as JSON.

import type { Rows } from '../engine/engine.js';
import { csvOf, jsonOf, textOf } from './values.js';

export type TextFormat = 'table' | 'csv' | 'json';

export interface WriteOptions {
  readonly format: TextFormat;
  /** Rows of a table shown at most; the others are counted. Default: all. */
  readonly limit?: number;
  /** Columns of the terminal, for a table: longer cells are cut. */
  readonly width?: number;
}

/** Gives the text away piece by piece. Returns the number of rows. */
export async function writeRows(rows: Rows, options: WriteOptions, put: (text: string) => void): Promise<number> {
  if (options.format === 'csv') return writeCsv(rows, put);
  if (options.format === 'json') return writeJson(rows, put);
  return writeTable(rows, options, put);
}

async function writeCsv(rows: Rows, put: (text: string) => void): Promise<number> {
  let count = 0;
  put(`${rows.names.map(csvOf).join(',')}\n`);
  for (let some = await rows.next(); some !== undefined; some = await rows.next()) {
    put(some.map((row) => `${row.map(csvOf).join(',')}\n`).join(''));
    count += some.length;
  }
  return count;
}

async function writeJson(rows: Rows, put: (text: string) => void): Promise<number> {
  let count = 0;
  put('[');
  for (let some = await rows.next(); some !== undefined; some = await rows.next()) {
    const objects = some.map((row) => Object.fromEntries(rows.names.map((name, i) => [name, jsonOf(row[i])])));
    put(objects.map((one, i) => `${count + i === 0 ? '\n' : ',\n'}  ${JSON.stringify(one)}`).join(''));
    count += some.length;
  }
  put(count === 0 ? ']\n' : '\n]\n');
  return count;
}

/** Cells wider than this are cut on a terminal. */
const WIDEST = 60;
/** Rows by which the columns' widths are chosen. */
const LOOKED_AT = 10_000;

const isNumber = (type: string): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type);

async function writeTable(
  rows: Rows,
  { limit = Number.POSITIVE_INFINITY, width }: WriteOptions,
  put: (text: string) => void,
): Promise<number> {
  const right = rows.types.map(isNumber);
  const cut = width === undefined ? Number.POSITIVE_INFINITY : Math.min(width, WIDEST);
  const cell = (value: unknown): string => {
    const text = textOf(value).replaceAll('\n', ' ');
    return text.length > cut ? `${text.slice(0, cut - 3)}...` : text;
  };
  const held: string[][] = [];
  let widths: number[] | undefined;
  let count = 0;
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, i) => (right[i] === true ? text.padStart(widths?.[i] ?? 0) : text.padEnd(widths?.[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const flush = (): void => {
    if (widths === undefined) {
      widths = rows.names.map((name, i) => held.reduce((w, row) => Math.max(w, row[i]?.length ?? 0), name.length));
      put(`${line(rows.names)}\n${widths.map((w) => '-'.repeat(w)).join('  ')}\n`);
    }
    if (held.length > 0) put(`${held.map(line).join('\n')}\n`);
    held.length = 0;
  };
  for (let some = await rows.next(); some !== undefined; some = await rows.next()) {
    for (const row of some) if (count++ < limit) held.push(row.map(cell));
    if (held.length >= LOOKED_AT) flush();
  }
  flush();
  if (count > limit) put(`${count - limit} more rows (--limit ${count}, or -o FILE)\n`);
  return count;
}
