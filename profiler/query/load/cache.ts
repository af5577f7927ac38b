// SPDX-License-Identifier: MIT
// Tables of recordings that were looked at before: made once, kept by content and filter.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openTrace } from '../../../tracer/decode/index.js';
import type { Trace } from '../../../tracer/decode/types.js';
import { createXxh64 } from '../../../tracer/recorder/addon.js';
import type { TraceFilter } from '../../read/index.js';
import { SCHEMA_VERSION } from '../tables/table.js';

/** Bytes of tables kept at most, the ones used last. */
const KEPT = 8 * 2 ** 30;
const PIECE = 4 << 20;

export function cacheRoot(): string {
  const own = process.env['DDE_PROFILE_CACHE'];
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(own === undefined || own === '' ? join(base, 'dde-profile') : own, 'query');
}

/** Of a file's bytes, in hex. */
export function contentKey(file: string): string {
  const hash = createXxh64();
  const fd = openSync(file, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    for (let n = readSync(fd, piece, 0, PIECE, null); n > 0; n = readSync(fd, piece, 0, PIECE, null)) {
      hash.update(piece.subarray(0, n));
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest().toString(16).padStart(16, '0');
}

/** What of a filter changes the tables; a thread is asked for by name, so what it matched counts. */
export function filterKey(trace: Trace, filter: TraceFilter | undefined): string {
  if (filter === undefined) return 'all';
  const { from, to, thread, minDuration } = filter;
  const threads =
    thread === undefined
      ? 'all'
      : trace.threads
          .filter((t) => thread(t.name, t.tid))
          .map((t) => t.uid)
          .join('.');
  const text = JSON.stringify([from ?? null, to ?? null, threads, minDuration ?? null]);
  return createXxh64().update(Buffer.from(text)).digest().toString(16).padStart(16, '0');
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What a process that was killed left behind. */
export function sweep(root: string, pattern: RegExp): void {
  if (!existsSync(root)) return;
  for (const name of readdirSync(root)) {
    const pid = pattern.exec(name)?.[1];
    if (pid !== undefined && !alive(Number(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function sizeOf(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    bytes += entry.isDirectory() ? sizeOf(path) : statSync(path).size;
  }
  return bytes;
}

/** Removes the sets that were not used for longest, when there is more than may be kept. */
function prune(root: string, keep: string): void {
  const sets = readdirSync(root)
    .filter((name) => /^[0-9a-f]{16}-/.test(name))
    .map((name) => ({ name, used: statSync(join(root, name)).mtimeMs, bytes: sizeOf(join(root, name)) }))
    .sort((a, b) => b.used - a.used);
  let sum = 0;
  for (const { name, bytes } of sets) {
    sum += bytes;
    if (sum > KEPT && name !== keep) rmSync(join(root, name), { recursive: true, force: true });
  }
}

export interface CacheRequest {
  readonly filter?: TraceFilter | undefined;
  /** Writes the tables into the folder. */
  make(trace: Trace, dir: string): Promise<void>;
}

/**
 * The folder of a recording's tables, made when it is not there yet. Nothing half-made is ever found under its name.
 * @throws TraceError, ParquetError
 */
export async function cachedSet(file: string, { filter, make }: CacheRequest, root = cacheRoot()): Promise<string> {
  const trace = openTrace(file);
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    sweep(root, /^\.new-(\d+)-/);
    const name = `${contentKey(file)}-${filterKey(trace, filter)}-v${SCHEMA_VERSION}`;
    const dir = join(root, name);
    if (existsSync(dir)) {
      const now = new Date();
      utimesSync(dir, now, now);
      return dir;
    }
    const fresh = join(root, `.new-${process.pid}-${name}`);
    try {
      mkdirSync(fresh, { mode: 0o700 });
      await make(trace, fresh);
      try {
        renameSync(fresh, dir);
      } catch (error) {
        // Somebody else has just made the same.
        if (!existsSync(dir)) throw error;
      }
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    prune(root, name);
    return dir;
  } finally {
    trace.close();
  }
}
