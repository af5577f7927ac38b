// SPDX-License-Identifier: MIT
// A table on its way into a Parquet file: rows are gathered as columns, and go out as a row group when there are enough.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ParquetColumn,
  type ParquetType,
  type ParquetValues,
  ParquetWriter,
} from '../../../tracer/recorder/parquet.js';

/** Of the layout and the columns: FORMAT.md. A reader of another version makes its tables anew. */
export const SCHEMA_VERSION = 1;

/** Rows of a row group: what is read or left out as a whole. */
export const GROUP_ROWS = 122_880;

export type Cell = number | string | boolean | null | undefined;

/** Where a recording's tables go, and how. */
export interface SetOptions {
  /** A folder; the tables become `table=NAME/part-N.parquet` in it. */
  readonly dir: string;
  /** Of zstd; 0: not compressed. */
  readonly level: number;
}

export function openPart(
  set: SetOptions,
  table: string,
  part: number,
  columns: readonly ParquetColumn[],
): ParquetWriter {
  const dir = join(set.dir, `table=${table}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return new ParquetWriter(join(dir, `part-${part}.parquet`), columns, {
    level: set.level,
    metadata: { 'dde-profile.schema': String(SCHEMA_VERSION), 'dde-profile.table': table },
  });
}

type Values = Float64Array | Uint32Array | Uint8Array;

function valuesFor(type: ParquetType, n: number): Values {
  if (type === 'text' || type === 'u32') return new Uint32Array(n);
  return type === 'u8' ? new Uint8Array(n) : new Float64Array(n);
}

/** One column: set() in rows in order. */
export class ColumnBuffer {
  readonly column: ParquetColumn;
  private values: Values;
  private valid: Uint8Array | undefined;
  private texts: string[] = [];
  private places = new Map<string, number>();

  constructor(column: ParquetColumn, rows: number) {
    this.column = column;
    this.values = valuesFor(column.type, rows);
    if (column.optional === true) this.valid = new Uint8Array(rows);
  }

  grow(rows: number): void {
    const values = valuesFor(this.column.type, rows);
    values.set(this.values);
    this.values = values;
    if (this.valid === undefined) return;
    const valid = new Uint8Array(rows);
    valid.set(this.valid);
    this.valid = valid;
  }

  number(row: number, value: number): void {
    this.values[row] = value;
    if (this.valid !== undefined) this.valid[row] = 1;
  }

  text(row: number, value: string): void {
    let place = this.places.get(value);
    if (place === undefined) {
      place = this.texts.push(value) - 1;
      this.places.set(value, place);
    }
    this.number(row, place);
  }

  cell(row: number, value: Cell): void {
    if (typeof value === 'string') this.text(row, value);
    else if (value !== null && value !== undefined) this.number(row, Number(value));
    else if (this.valid === undefined)
      throw new TypeError(`column ${this.column.name}: null in a column without nulls`);
    else {
      this.valid[row] = 0;
      this.values[row] = 0;
      if (this.column.type === 'text' && this.texts.length === 0) this.texts.push('');
    }
  }

  give(): ParquetValues {
    const { values, valid, texts } = this;
    return { values, ...(valid === undefined ? {} : { valid }), ...(this.column.type === 'text' ? { texts } : {}) };
  }

  clear(): void {
    this.texts = [];
    this.places.clear();
  }
}

/** Rows in, a file out. It is made with its first row, or by finish() when an empty one is wanted. */
export class Table {
  readonly columns: readonly ColumnBuffer[];
  private readonly set: SetOptions;
  private readonly name: string;
  private writer: ParquetWriter | undefined;
  private room = 256;
  private rows = 0;

  constructor(set: SetOptions, name: string, columns: readonly ParquetColumn[]) {
    this.set = set;
    this.name = name;
    this.columns = columns.map((column) => new ColumnBuffer(column, this.room));
  }

  /** The row to fill: every column of it. */
  next(): number {
    if (this.rows === GROUP_ROWS) this.flush();
    if (this.rows === this.room) {
      this.room = Math.min(GROUP_ROWS, this.room * 4);
      for (const column of this.columns) column.grow(this.room);
    }
    return this.rows++;
  }

  add(cells: readonly Cell[]): void {
    const row = this.next();
    this.columns.forEach((column, i) => {
      column.cell(row, cells[i]);
    });
  }

  private flush(): void {
    this.writer ??= openPart(
      this.set,
      this.name,
      0,
      this.columns.map((c) => c.column),
    );
    this.writer.add(
      this.rows,
      this.columns.map((c) => c.give()),
    );
    for (const column of this.columns) column.clear();
    this.rows = 0;
  }

  finish(): void {
    if (this.rows > 0 || this.writer === undefined) this.flush();
    this.writer?.finish();
  }
}
