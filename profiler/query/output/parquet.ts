// SPDX-License-Identifier: MIT
// The rows of a query as a Parquet file.

import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';

/**
 * Writes the rows of one SELECT to a file in the engine's own folder; move it to where it belongs.
 * @returns its path
 */
export async function queryToParquet(engine: Engine, sql: string): Promise<string> {
  await engine.check(sql);
  const path = join(engine.scratch, 'result.parquet');
  const select = sql.trim().replace(/;+\s*$/, '');
  await engine.copy(select, path);
  return path;
}
