// SPDX-License-Identifier: MIT
// Driver processes that are running now, found by their executable: <cache>/builds/<key>/driver with its manifest beside it.

import { existsSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LaunchError } from '../builds/errors.js';
import { commandLine, processes } from './process-facts.js';

export interface RunningDriver {
  readonly pid: number;
  /** The build's folder. */
  readonly dir: string;
  /** The folder has been removed since: what the process does can no longer be named. */
  readonly gone: boolean;
}

function buildOf(pid: number): RunningDriver | undefined {
  try {
    const link = readlinkSync(`/proc/${pid}/exe`);
    const executable = link.replace(/ \(deleted\)$/, '');
    if (basename(executable) !== 'driver') return undefined;
    // The same executable, about to become a program on a driver or telling what one offers (runtime/ddekit/program).
    if (commandLine(pid).some((word) => ['--launch', '--offers', '--may-launch'].includes(word))) return undefined;
    const dir = dirname(executable);
    const gone = !existsSync(join(dir, 'manifest.json'));
    // Without its manifest it is told from other programs of that name by what only a driver process is given.
    if (gone && (link === executable || !commandLine(pid).includes('--result-fd'))) return undefined;
    return { pid, dir, gone };
  } catch {
    // It has ended, or belongs to another user.
    return undefined;
  }
}

export function runningDrivers(): RunningDriver[] {
  return processes().flatMap((pid) => buildOf(pid) ?? []);
}

function refuse(text: string): never {
  throw new LaunchError('ERR_DDE_PROCESS', text);
}

function present(found: RunningDriver): RunningDriver {
  if (found.gone) refuse(`driver process ${found.pid}: its build ${found.dir} has been removed; run the driver again`);
  return found;
}

/** The driver process with this pid, or the only one there is. */
export function findRunning(pid?: number, running: () => RunningDriver[] = runningDrivers): RunningDriver {
  if (pid !== undefined) {
    const found = buildOf(pid);
    if (found === undefined)
      refuse(`process ${pid} is not one of your driver processes (\`dde-profile ps\` lists them)`);
    return present(found);
  }
  const all = running();
  if (all.length === 1) return present(all[0] as RunningDriver);
  if (all.length === 0) refuse('no driver process is running');
  refuse(`${all.length} driver processes are running: name one (${all.map((one) => one.pid).join(', ')})`);
}
