// SPDX-License-Identifier: MIT
// A driver process that runs already, with its trace region: for attach, top and ps.

import { findRegion, openRegion, type Region, siteBitmap } from '../../tracer/recorder/addon.js';
import type { Trigger } from '../../tracer/recorder/triggers.js';
import type { Category } from './categories.js';
import { LaunchError } from '../builds/errors.js';
import { type Build, readBuild } from '../builds/manifest.js';
import { commandLine, isStopped, processStart, shortCommand, userOf } from '../run/process-facts.js';
import { findRunning } from '../run/running.js';

export interface RunningTarget {
  readonly pid: number;
  readonly build: Build;
  readonly region: Region;
  /** False as soon as the process has ended, also when its number is in use again. */
  alive(): boolean;
}

export interface Recorder {
  readonly pid: number;
  readonly command: string;
}

/** Who records through this region now. A recorder that has died does not count. */
export function recorderOf(region: Region): Recorder | undefined {
  const pid = region.info().drainerPid;
  if (pid === 0 || processStart(pid) === undefined) return undefined;
  return { pid, command: shortCommand(commandLine(pid)) };
}

/** The same for a process; undefined also when it has no region, or cannot be looked into. */
export function recorderOfProcess(pid: number): Recorder | undefined {
  const path = findRegion(pid);
  if (path === undefined) return undefined;
  try {
    const region = openRegion(path);
    try {
      return recorderOf(region);
    } finally {
      region.close();
    }
  } catch {
    return undefined;
  }
}

function refuse(text: string): never {
  throw new LaunchError('ERR_DDE_PROCESS', text);
}

/**
 * Opens the region of a driver process; an error says why that cannot be. `flight`: a flight recorder will do, too; `recorded`: it may
 * be recorded already.
 */
export function openRunning(pid: number, { flight = false, recorded = false } = {}): RunningTarget {
  const start = processStart(pid);
  if (start === undefined) refuse(`process ${pid} is not running`);
  const user = userOf(pid);
  const own = process.getuid?.() ?? 0;
  if (own !== 0 && user !== undefined && user !== own) refuse(`process ${pid} belongs to another user (${user})`);
  const build = readBuild(findRunning(pid).dir);
  const path = findRegion(pid);
  if (path === undefined) refuse(`driver process ${pid} has no trace region`);
  const region = openRegion(path);
  try {
    if (!region.info().ready) refuse(`driver process ${pid} is not ready to be traced`);
    const recorder = recorderOf(region);
    if (recorder !== undefined && !recorded)
      refuse(`driver process ${pid} is already being recorded by process ${recorder.pid} (${recorder.command})`);
    if (!flight && region.info().mode === 'overwrite')
      refuse(`driver process ${pid} runs a flight recorder (--mode overwrite)`);
  } catch (error) {
    region.close();
    throw error;
  }
  return { pid, build, region, alive: () => processStart(pid) === start };
}

/** How long a driver process may take to reach a safe point; a busy one needs microseconds. */
const APPLY_MS = 2000;

/** Returns false when the process is stopped: what was asked for takes place when it goes on. */
export async function switchTracing(
  { region, pid, alive }: RunningTarget,
  categories: readonly Category[],
  sites: readonly number[],
  more: {
    readonly args?: Uint8Array | undefined;
    readonly depth?: number | undefined;
    readonly tracepoints?: readonly number[] | undefined;
    readonly triggers?: readonly Trigger[] | undefined;
  } = {},
): Promise<boolean> {
  const { args = new Uint8Array(0), depth = 0, tracepoints = [], triggers = [] } = more;
  const bits = { sites: siteBitmap(sites), tracepoints: siteBitmap(tracepoints) };
  region.setControl({ categories, ...bits, args, depthLimit: depth, triggers });
  return applied({ region, pid, alive });
}

/** Waits until the process does what it was asked for last. False: it is stopped, and will when it goes on. */
export async function applied({
  region,
  pid,
  alive,
}: Pick<RunningTarget, 'region' | 'pid' | 'alive'>): Promise<boolean> {
  const end = performance.now() + APPLY_MS;
  while (performance.now() < end) {
    if (await region.waitApplied(20)) return true;
    if (!alive() || isStopped(pid)) return false;
  }
  return false;
}
