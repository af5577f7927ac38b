// SPDX-License-Identifier: MIT
// A recording's tables into a folder that may hold those of many recordings, for this and other engines.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openTrace } from '../../../tracer/decode/index.js';
import { contentKey, filterKey, sweep } from './cache.js';
import { type MakeOptions, makeSet } from './make-set.js';

/** Stored for long and read over networks: smaller is better than faster. */
const LEVEL = 5;

/**
 * `run.ddet` becomes `run-1a2b3c4d`: the same recording has the same name everywhere, and two that differ never have one. A part of a
 * recording has more behind it.
 */
function recordingName(file: string, key: string, part: string): string {
  const name = basename(file)
    .replace(/\.ddet$/, '')
    .replace(/[^A-Za-z0-9_.-]/g, '_');
  return `${name}-${key.slice(0, 8)}${part === 'all' ? '' : `-${part.slice(0, 8)}`}`;
}

/**
 * Writes `recording=NAME/table=TABLE/part-N.parquet` into a folder. It takes its name when all of it is there, in place of an earlier
 * export of the same recording.
 * @returns the folder of the recording, and how many events it had
 * @throws TraceError, ParquetError, QueryError, AbortError
 */
export async function exportSet(
  file: string,
  root: string,
  options: MakeOptions = {},
): Promise<{ readonly dir: string; readonly events: number }> {
  const trace = openTrace(file);
  try {
    mkdirSync(root, { recursive: true });
    sweep(root, /^\.(?:new|old)-(\d+)-/);
    const dir = join(root, `recording=${recordingName(file, contentKey(file), filterKey(trace, options.filter))}`);
    const [fresh, old] = ['new', 'old'].map((what) => join(root, `.${what}-${process.pid}-${basename(dir)}`)) as [
      string,
      string,
    ];
    try {
      mkdirSync(fresh, { mode: 0o700 });
      await makeSet(trace, { dir: fresh, level: LEVEL }, options);
      if (existsSync(dir)) renameSync(dir, old);
      renameSync(fresh, dir);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
      rmSync(old, { recursive: true, force: true });
    }
    return { dir, events: trace.totals.recorded };
  } finally {
    trace.close();
  }
}
