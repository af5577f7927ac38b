// SPDX-License-Identifier: MIT
// What /proc says about a driver process and about who records it.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

/** USER_HZ: the same on every x86-64 Linux. */
const TICKS_PER_SECOND = 100;

/** The fields after the command's name, which may hold blanks and brackets itself. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Tells a process from a later one with the same number; undefined when it has ended. */
export function processStart(pid: number): number | undefined {
  const fields = statFields(pid);
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return Number(fields[19]);
}

/** The process ids of this moment. */
export function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** undefined when it has ended. */
export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

export function uptimeSeconds(pid: number): number | undefined {
  const start = processStart(pid);
  if (start === undefined) return undefined;
  const machine = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
  return Math.max(0, machine - start / TICKS_PER_SECOND);
}

/** Stopped by a signal or a debugger: it reaches no safe point until it goes on. */
export function isStopped(pid: number): boolean {
  return /^[tT]$/.test(statFields(pid)?.[0] ?? '');
}

export function userOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return undefined;
  }
}

export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** The devices under test in a driver process's arguments: those that were given a place on the PCI bus. */
export function devicesOf(args: readonly string[]): string[] {
  return args
    .slice(args.indexOf('--') + 1)
    .flatMap((arg, i, all) => (all[i - 1] === '-device' && /,addr=/.test(arg) ? [arg.split(',')[0] as string] : []));
}

export function workloadOf(args: readonly string[]): string {
  const at = args.indexOf('--workload');
  const text = at < 0 ? '' : (args[at + 1] ?? '').split(';').join(' + ');
  // As a person would write it.
  return text.replace(/(--duration )(\d+)ns\b/g, (_, name: string, ns: string) => `${name}${Number(ns) / 1e6}ms`);
}

/** A process as a person would name it: the verb of dde-profile, or the program. */
export function shortCommand(args: readonly string[]): string {
  const script = args.findIndex((arg) => /dde-profile$|main\.js$/.test(arg));
  if (script >= 0 && args[script + 1] !== undefined) return `dde-profile ${args[script + 1]}`;
  return basename(args[0] ?? '?');
}
