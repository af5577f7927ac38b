// SPDX-License-Identifier: MIT
// What a device was before it was bound, kept on disk until it is put back: also after kill -9 it can be.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, names, read } from './host.js';

export interface Saved {
  readonly bdf: string;
  /** The driver before; undefined: none. */
  readonly driver?: string | undefined;
  /** driver_override before. */
  readonly override?: string | undefined;
  /** Who puts it back at its end; undefined: only `restore` does. */
  readonly holder?: { readonly pid: number; readonly start: string } | undefined;
}

/** Gone at the next boot, as the bindings are. */
const FOLDER = 'run/dde-profile/bind';

/** Field 22 of /proc/PID/stat: tells a process from a later one with the same number. */
export function startTime(host: Host, pid: number): string | undefined {
  const stat = read(host, `proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

export function saved(host: Host, bdf: string): Saved | undefined {
  try {
    return JSON.parse(readFileSync(join(host.root, FOLDER, `${bdf}.json`), 'utf8')) as Saved;
  } catch {
    return undefined;
  }
}

export function allSaved(host: Host): Saved[] {
  return names(host, FOLDER)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => saved(host, name.slice(0, -'.json'.length)) ?? []);
}

/** Whole or not at all. What was saved first stays: a second bind must not take the first one for the origin. */
export function save(host: Host, state: Saved): void {
  const folder = join(host.root, FOLDER);
  const first = saved(host, state.bdf);
  const kept = first === undefined ? state : { ...first, holder: state.holder };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${state.bdf}.json`);
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

export function forget(host: Host, bdf: string): void {
  rmSync(join(host.root, FOLDER, `${bdf}.json`), { force: true });
}

/** Those whose holder ended without putting the device back. */
export function orphans(host: Host): Saved[] {
  return allSaved(host).filter(({ holder }) => holder !== undefined && startTime(host, holder.pid) !== holder.start);
}
