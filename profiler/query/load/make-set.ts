// SPDX-License-Identifier: MIT
// All tables of a recording: those that one pass through the events makes, then those that SQL makes of them.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Trace } from '../../../tracer/decode/types.js';
import { Engine } from '../engine/engine.js';
import { attach } from '../engine/sets.js';
import { GROUP_ROWS, type SetOptions } from '../tables/table.js';
import { SQL_TABLES } from '../../topics/index.js';
import { type SetRequest, writeRecordedTables } from './write-set.js';

export interface MakeOptions extends SetRequest {
  /** Runs what does not give the event loop a turn; Ctrl-C may end it in its midst. Default: just runs it. */
  readonly run?: (work: () => void) => void;
  /** Ends the making of the tables by SQL. */
  readonly signal?: AbortSignal | undefined;
  readonly temporary?: string;
}

/** @throws ParquetError, QueryError, AbortError */
export async function makeSet(trace: Trace, set: SetOptions, options: MakeOptions = {}): Promise<void> {
  const { run = (work) => work(), signal, temporary } = options;
  run(() => writeRecordedTables(trace, set, options));
  signal?.throwIfAborted();
  const engine = await Engine.open({ read: [set.dir], ...(temporary === undefined ? {} : { temporary }) });
  const stop = (): void => engine.interrupt();
  signal?.addEventListener('abort', stop);
  try {
    await attach(engine, [{ recording: '', dir: set.dir }]);
    for (const { name, select, columns } of SQL_TABLES) {
      const dir = join(set.dir, `table=${name}`);
      mkdirSync(dir, { mode: 0o700 });
      const list = columns.map(([column]) => `"${column}"`).join(', ');
      await engine.define(
        `COPY (SELECT ${list} FROM (${select}) ORDER BY ts) TO '${join(dir, 'part-0.parquet').replaceAll("'", "''")}'
         (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${GROUP_ROWS})`,
      );
      signal?.throwIfAborted();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    engine.close();
  }
}
