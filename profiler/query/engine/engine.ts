// SPDX-License-Identifier: MIT
// The embedded SQL engine: an in-memory DuckDB that may read the folders it is given and nothing else, and never downloads anything.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api';
import { QueryError } from '../errors.js';
import { placeOf } from './place.js';
import { bareSql } from './statements.js';

export interface EngineOptions {
  /** Folders that SQL may read. */
  readonly read: readonly string[];
  /** Files and folders that SQL may also write, and statements that read and write: the user asked for it. */
  readonly files?: readonly string[];
  /** Of the engine's own memory, in MiB; what does not fit goes to a temporary folder. Default 700. */
  readonly memory?: number;
  /** Where that folder is made. Default: the system's. */
  readonly temporary?: string;
}

const REFUSED: ReadonlySet<string> = new Set(
  'COPY EXPORT IMPORT ATTACH DETACH INSTALL LOAD FORCE SET RESET PRAGMA CHECKPOINT VACUUM CALL PREPARE EXECUTE'.split(
    ' ',
  ),
);

/** Kinds of statements that cannot touch anything outside of the engine's own memory; a prepared one could be of any kind. */
const HARMLESS: ReadonlySet<string> = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'EXPLAIN',
  'DELETE',
  'CREATE',
  'ALTER',
  'TRANSACTION',
  'ANALYZE',
  'VARIABLE_SET',
  'CREATE_FUNC',
  'DROP',
  'RELATION',
]);

function forbidden(what: string): QueryError {
  return new QueryError(
    'ERR_DDE_QUERY_FORBIDDEN',
    `${what} statements are not allowed: SQL may read the recording and nothing else`,
    'Write results with -o FILE --format csv, json or parquet; --allow-files DIR lets SQL read and write files in DIR.',
  );
}

/** By their first words: some make files while they are prepared, and EXPLAIN ANALYZE does what it explains. */
function refuse(sql: string): void {
  for (const statement of bareSql(sql).split(';')) {
    const begin = /^\s*(?:EXPLAIN\s+(?:\([^)]*\)\s*)?(?:ANALYZE\s+)?)?(\w+)/i.exec(statement)?.[1]?.toUpperCase();
    if (begin !== undefined && REFUSED.has(begin)) throw forbidden(begin);
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function load(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new QueryError(
      'ERR_DDE_QUERY_ENGINE',
      `the SQL engine (npm package @duckdb/node-api) cannot be loaded: ${(cause as Error).message}`,
      'Install it: npm install (without --omit=optional). It has builds for x64 and arm64 with glibc.',
      cause,
    );
  }
}

/** What was asked for in one go, as it comes. */
export interface Rows {
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** The rows of the next chunk; undefined at the end. */
  next(): Promise<readonly (readonly unknown[])[] | undefined>;
}

export class Engine {
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly temporary: string;
  private readonly types: Readonly<Record<number, string>>;
  private readonly free: boolean;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    temporary: string,
    types: Readonly<Record<number, string>>,
    free: boolean,
  ) {
    this.instance = instance;
    this.connection = connection;
    this.temporary = temporary;
    this.types = types;
    this.free = free;
  }

  static async open({ read, files = [], memory = 700, temporary = tmpdir() }: EngineOptions): Promise<Engine> {
    const duckdb = await load();
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    const dir = mkdtempSync(join(temporary, `dde-query-${process.pid}-`));
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      threads: String(Math.min(8, availableParallelism())),
      memory_limit: `${memory}MiB`,
    });
    const connection = await instance.connect();
    const folders = [...read, ...files, dir].map((d) => quote(d.endsWith('/') ? d : `${d}/`));
    for (const setting of [
      'autoinstall_known_extensions = false',
      'autoload_known_extensions = false',
      'allow_community_extensions = false',
      `temp_directory = ${quote(join(dir, 'spill'))}`,
      `allowed_directories = [${folders.join(', ')}]`,
      "default_null_order = 'nulls_last'",
      'parquet_metadata_cache = true',
      'enable_external_access = false',
    ]) {
      await connection.run(`SET ${setting}`);
    }
    const engine = new Engine(
      instance,
      connection,
      dir,
      duckdb.StatementType as unknown as Record<number, string>,
      files.length > 0,
    );
    return engine;
  }

  /** A folder that goes with the engine, and that it may write to. */
  get scratch(): string {
    return this.temporary;
  }

  /** A statement of ours. */
  async define(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** From here on no setting changes any more: before the first statement of a user. */
  async lock(): Promise<void> {
    await this.connection.run('SET lock_configuration = true');
  }

  /**
   * Runs the user's statements; the rows of the last one come back.
   * @throws QueryError with the line that is wrong
   */
  async query(sql: string): Promise<Rows> {
    let last: DuckDBResult | undefined;
    const result = await this.fault(sql, async () => {
      if (bareSql(sql).replaceAll(';', '').trim() === '') throw new QueryError('ERR_DDE_QUERY_SQL', 'no SQL statement');
      if (!this.free) refuse(sql);
      const all = await this.connection.extractStatements(sql);
      for (let i = 0; i < all.count; i++) {
        const prepared = await all.prepare(i);
        this.allow(this.types[prepared.statementType] ?? '?');
        last = i === all.count - 1 ? await prepared.stream() : await prepared.run();
      }
      return last as DuckDBResult;
    });
    const count = result.columnCount;
    return {
      names: result.columnNames(),
      types: result.columnTypes().map(String),
      next: () =>
        this.fault(sql, async () => {
          const chunk = await result.fetchChunk();
          if (chunk === null || chunk.rowCount === 0) return undefined;
          const columns = Array.from({ length: count }, (_, c) => chunk.getColumnValues(c));
          return Array.from({ length: chunk.rowCount }, (_, r) => columns.map((column) => column[r]));
        }),
    };
  }

  /** Throws QueryError unless it is one SELECT. */
  async check(sql: string): Promise<void> {
    await this.fault(sql, async () => {
      const all = await this.connection.extractStatements(sql);
      const type = all.count === 1 ? (this.types[(await all.prepare(0)).statementType] ?? '?') : '?';
      if (type !== 'SELECT') throw new QueryError('ERR_DDE_QUERY_SQL', '--format parquet takes one SELECT statement');
    });
  }

  /** The rows of a SELECT into a Parquet file, in a folder that the engine may write to. */
  async copy(select: string, path: string): Promise<void> {
    await this.fault(select, () =>
      this.connection.run(`COPY (${select}\n) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd)`),
    );
  }

  private allow(type: string): void {
    if (!this.free && !HARMLESS.has(type)) throw forbidden(type);
  }

  private async fault<T>(sql: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof QueryError) throw error;
      throw placeOf(sql, error as Error);
    }
  }

  interrupt(): void {
    this.connection.interrupt();
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.temporary, { recursive: true, force: true });
  }
}
