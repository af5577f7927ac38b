// SPDX-License-Identifier: MIT
// Parquet files, written by the addon (parquet_writer.cc): columns of numbers and of texts, a row group at a time.
import { getSystemErrorName } from 'node:util';
import { loadAddon } from './loader.js';

/** i64 and u64 are given as doubles: exact up to 2^53. */
export type ParquetType = 'i64' | 'u64' | 'i32' | 'u32' | 'u16' | 'u8' | 'f64' | 'text';

export interface ParquetColumn {
  readonly name: string;
  readonly type: ParquetType;
  /** Grows evenly, as times and numbers of rows do: differences are stored. */
  readonly sorted?: boolean;
  /** May hold nulls. */
  readonly optional?: boolean;
}

/** A column of one row group. */
export interface ParquetValues {
  /** Numbers, or of texts places in `texts`. Nulls have a place of their own, whatever stands there. */
  readonly values: Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
  readonly texts?: readonly string[];
  /** 0: null. Left out: none is. Only for optional columns. */
  readonly valid?: Uint8Array;
}

interface NativeWriter {
  add(rows: number, columns: readonly ParquetValues[]): void;
  finish(): { rows: number; bytes: number };
}
export type NativeParquetWriter = new (
  path: string,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>>,
  level: number,
) => NativeWriter;

/** The file could not be written. `code` is the system's: ENOSPC. */
class ParquetError extends Error {
  readonly code: string;

  constructor(message: string, errno: number) {
    super(message);
    this.name = 'ParquetError';
    this.code = getSystemErrorName(-errno);
  }
}

function throwing<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { message, errno } = error as { message: string; errno?: number };
    throw errno === undefined ? error : new ParquetError(message, errno);
  }
}

export interface ParquetOptions {
  /** Key-value metadata of the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Of zstd; 0: not compressed. Default 1. */
  readonly level?: number;
}

/** A new file, which only the user can read. It is whole after finish(). All methods throw ParquetError. */
export class ParquetWriter {
  readonly #native: NativeWriter;

  constructor(path: string, columns: readonly ParquetColumn[], { metadata = {}, level = 1 }: ParquetOptions = {}) {
    const { ParquetWriter: Native } = loadAddon() as { ParquetWriter: NativeParquetWriter };
    this.#native = new Native(path, columns, metadata, level);
  }

  /** The first `rows` of each column become a row group. The arrays may be used again at once. */
  add(rows: number, columns: readonly ParquetValues[]): void {
    throwing(() => this.#native.add(rows, columns));
  }

  finish(): { readonly rows: number; readonly bytes: number } {
    return throwing(() => this.#native.finish());
  }
}
