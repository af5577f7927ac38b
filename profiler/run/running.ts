// SPDX-License-Identifier: MIT
// Driver processes that are running now, found by their executable: <cache>/builds/<key>/driver with its manifest beside it.

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LaunchError } from '../builds/errors.js';

export interface RunningDriver {
  readonly pid: number;
  /** The build's folder. */
  readonly dir: string;
}

function buildOf(pid: number): RunningDriver | undefined {
  try {
    const executable = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
    const dir = dirname(executable);
    if (basename(executable) !== 'driver' || !existsSync(join(dir, 'manifest.json'))) return undefined;
    return { pid, dir };
  } catch {
    // It has ended, or belongs to another user.
    return undefined;
  }
}

export function runningDrivers(): RunningDriver[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => buildOf(Number(name)) ?? []);
}

/** The driver process with this pid, or the only one there is. */
export function findRunning(pid?: number): RunningDriver {
  if (pid !== undefined) {
    const found = buildOf(pid);
    if (found === undefined)
      throw new LaunchError('ERR_DDE_PROCESS', `process ${pid} is no running driver of this user`);
    return found;
  }
  const all = runningDrivers();
  if (all.length === 1) return all[0] as RunningDriver;
  const text =
    all.length === 0
      ? 'no driver process is running'
      : `${all.length} driver processes: ${all.map((one) => one.pid).join(' ')}`;
  throw new LaunchError('ERR_DDE_PROCESS', text);
}
