// SPDX-License-Identifier: MIT
// export --format parquet: not a file, but a folder of tables.

import { existsSync, statSync } from 'node:fs';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { interruptible } from '../interruptible.js';
import { type FilterOptions, filterOf } from '../options/filter.js';
import type { Progress } from '../output.js';
import { query } from '../lazy.js';
import { checkFilter, requireFile } from '../trace-file.js';

export const TABLES = {
  name: 'parquet',
  description: 'a folder of tables, for `query` and for DuckDB, ClickHouse, Spark, Trino: -o FOLDER',
};

/** @returns the folder that was written */
export async function exportTables(
  file: string,
  output: string,
  options: FilterOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly dir: string; readonly events: number }> {
  requireFile(file);
  if (existsSync(output) && !statSync(output).isDirectory()) {
    throw new CliError(EXIT.usage, `${output}: not a folder`, '--format parquet writes a folder: -o FOLDER');
  }
  const filter = filterOf(options);
  if (filter !== undefined) await checkFilter(file, options);
  const { exportSet } = await query();
  progress.step(`export ${file}`);
  return exportSet(file, output, {
    signal,
    run: interruptible,
    onProgress: (share) => progress.detail(`${Math.round(share * 100)} %`),
    ...(filter === undefined ? {} : { filter }),
  });
}
