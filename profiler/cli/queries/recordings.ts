// SPDX-License-Identifier: MIT
// From a path to an engine that has the tables of all recordings there.

import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { TraceFilter } from '../../read/index.js';
import type { Engine, TableSet } from '../../query/index.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { interruptible } from '../interruptible.js';
import type { FilterOptions } from '../options/filter.js';
import type { Progress } from '../output.js';
import { query } from '../lazy.js';
import { checkFilter, requireFile } from '../trace-file.js';

export interface OpenRequest {
  readonly filter: TraceFilter | undefined;
  /** As the user gave it. */
  readonly options: FilterOptions;
  readonly allowFiles: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Recordings {
  readonly engine: Engine;
  readonly names: readonly string[];
  close(): void;
}

/** What a folder holds: trace files, and sets of tables that export wrote. */
function found(path: string): { traces: string[]; sets: TableSet[] } {
  if (!statSync(path).isDirectory()) return { traces: [path], sets: [] };
  const names = readdirSync(path).sort();
  const sets = names.flatMap((name): TableSet[] => {
    const recording = /^recording=(.+)$/.exec(name)?.[1];
    return recording === undefined
      ? []
      : [{ recording: decodeURIComponent(recording), dir: realpathSync(join(path, name)) }];
  });
  return { traces: names.filter((name) => name.endsWith('.ddet')).map((name) => join(path, name)), sets };
}

const nameOf = (file: string): string => basename(file).replace(/\.ddet$/, '');

async function tablesOf(file: string, { filter, progress, signal }: OpenRequest): Promise<TableSet> {
  const { cachedSet, makeSet } = await query();
  const dir = await cachedSet(file, {
    filter,
    make: (trace, into) => {
      progress.step(`load ${file}`);
      return makeSet(
        trace,
        { dir: into, level: 1 },
        {
          signal,
          run: interruptible,
          onProgress: (share) => progress.detail(`${Math.round(share * 100)} %`),
          ...(filter === undefined ? {} : { filter }),
        },
      );
    },
  });
  return { recording: nameOf(file), dir };
}

/** @throws CliError, TraceError, QueryError */
export async function openRecordings(path: string, request: OpenRequest): Promise<Recordings> {
  requireFile(path);
  const { Engine, attach, defineViews } = await query();
  const { traces, sets } = found(path);
  if (traces.length + sets.length === 0) {
    throw new CliError(
      EXIT.trace,
      `${path}: no recordings in it`,
      'It has to hold trace files (NAME.ddet) or recording=NAME folders from export --format parquet.',
    );
  }
  if (request.filter !== undefined && sets.length > 0) {
    throw new CliError(
      EXIT.usage,
      `${path}: --from, --to, --thread and --min-duration work on trace files, not on exported tables`,
      'Use WHERE, or export with the same options.',
    );
  }
  for (const dir of request.allowFiles) {
    if (!existsSync(dir)) throw new CliError(EXIT.usage, `--allow-files ${dir}: no such folder`);
  }
  const all = [...sets];
  for (const file of traces) {
    if (request.filter !== undefined) await checkFilter(file, request.options);
    all.push(await tablesOf(file, request));
  }
  const engine = await Engine.open({
    read: all.map(({ dir }) => dir),
    files: request.allowFiles.map((dir) => realpathSync(resolve(dir))),
  });
  try {
    await attach(engine, all);
    await defineViews(engine, all);
    await engine.lock();
  } catch (error) {
    engine.close();
    throw error;
  }
  return { engine, names: all.map(({ recording }) => recording), close: () => engine.close() };
}
