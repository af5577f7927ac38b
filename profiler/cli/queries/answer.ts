// SPDX-License-Identifier: MIT
// Runs SQL and prints or writes its rows.

import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import type { Engine, TextFormat } from '../../query/index.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { query } from '../lazy.js';
import { WholeFiles } from '../../export/files/whole-file.js';

export type Format = TextFormat | 'parquet';

export interface AnswerOptions {
  readonly format?: Format;
  readonly output?: string;
  readonly limit?: number;
  readonly json?: boolean;
  readonly signal?: AbortSignal;
}

function formatOf({ format, output, json }: AnswerOptions): Format {
  if (format !== undefined) return format;
  if (json === true) return 'json';
  const extension = /\.(csv|json|parquet)$/.exec(output ?? '')?.[1];
  return extension === undefined ? 'table' : (extension as Format);
}

/** The pieces of text to the standard output, no faster than it takes them. */
async function print(make: (put: (text: string) => void) => Promise<number>): Promise<number> {
  let full: Promise<unknown> | undefined;
  const count = await make((text) => {
    if (!process.stdout.write(text)) full ??= once(process.stdout, 'drain');
  });
  await full;
  return count;
}

/** Names of columns alone look like a failure. */
export function sayWhenEmpty(count: number): void {
  if (count === 0) process.stderr.write('no rows\n');
}

async function asParquet(engine: Engine, sql: string, output: string | undefined): Promise<void> {
  if (output === undefined || output === '-') {
    throw new CliError(EXIT.usage, '--format parquet needs a file', 'Name it: -o result.parquet');
  }
  const { queryToParquet } = await query();
  const made = await queryToParquet(engine, sql);
  const files = new WholeFiles();
  try {
    const file = files.open(output);
    for await (const piece of createReadStream(made)) file.write(piece as Uint8Array);
    files.commit();
  } finally {
    files.discard();
  }
}

/** While `work` goes on, Ctrl-C ends the query. */
export async function stoppable<T>(
  engine: Engine,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const stop = (): void => engine.interrupt();
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop);
  try {
    return await work();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** @throws QueryError */
export async function answer(engine: Engine, sql: string, options: AnswerOptions): Promise<void> {
  const format = formatOf(options);
  await stoppable(engine, options.signal, async () => {
    if (format === 'parquet') return asParquet(engine, sql, options.output);
    const { writeRows } = await query();
    const rows = await engine.query(sql);
    const how = {
      format,
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...(process.stdout.isTTY && options.output === undefined ? { width: process.stdout.columns } : {}),
    };
    if (options.output === undefined || options.output === '-') {
      return sayWhenEmpty(await print((put) => writeRows(rows, how, put)));
    }
    const files = new WholeFiles();
    try {
      const file = files.open(options.output);
      sayWhenEmpty(await writeRows(rows, how, (text) => file.write(Buffer.from(text))));
      files.commit();
    } finally {
      files.discard();
    }
  });
}
