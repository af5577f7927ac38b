// SPDX-License-Identifier: MIT
// --from, --to, --thread and --min-duration: which part of a recording is looked at.

import type { Command } from 'commander';
import type { TraceFilter } from '../../read/index.js';
import type { Trace, TraceThread } from '../../../tracer/decode/types.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { anyOf, GLOB_HELP, globs, time } from './values.js';

export interface FilterOptions {
  /** Nanoseconds. */
  readonly from?: number;
  readonly to?: number;
  readonly thread?: string[];
  readonly minDuration?: number;
}

export function filterOptions(command: Command): Command {
  return command
    .option('--from <time>', 'leave out what was before, such as 1.5s or 200ms', time)
    .option('--to <time>', 'leave out what was after', time)
    .option('--thread <name>', `only these threads, by name or thread ID: ${GLOB_HELP}`, globs)
    .option('--min-duration <time>', 'leave out calls that took less, such as 10us', time);
}

/** @throws CliError for a stretch of time that holds nothing */
export function filterOf({ from, to, thread, minDuration }: FilterOptions): TraceFilter | undefined {
  if (from !== undefined && to !== undefined && from >= to) {
    const text = from === to ? 'is empty' : 'ends before it begins';
    throw new CliError(EXIT.usage, `the time range --from ${shown(from)} --to ${shown(to)} ${text}`);
  }
  if (from === undefined && to === undefined && thread === undefined && minDuration === undefined) return undefined;
  const named = thread === undefined ? undefined : anyOf(thread);
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(minDuration === undefined ? {} : { minDuration }),
    ...(named === undefined ? {} : { thread: (name, tid) => named(name) || named(String(tid)) }),
  };
}

/** As the options take it, to the microsecond. */
const shown = (ns: number): string => `${Math.round(ns / 1e3) / 1e6}s`;

/** Says which filter leaves nothing of a recording; undefined when none does. */
export function unmatched(
  trace: Pick<Trace, 'duration'> & { readonly threads: readonly Pick<TraceThread, 'name' | 'tid'>[] },
  { from, thread }: FilterOptions,
): CliError | undefined {
  if (from !== undefined && from > trace.duration)
    return new CliError(
      EXIT.usage,
      `--from ${shown(from)} is after the end of the recording (${shown(trace.duration)})`,
    );
  if (thread === undefined) return undefined;
  const named = anyOf(thread);
  if (trace.threads.some(({ name, tid }) => named(name) || named(String(tid)))) return undefined;
  const names = [...new Set(trace.threads.map(({ name }) => name))].sort();
  const near = names.filter((name) => thread.some((one) => name.includes(one)));
  const list = (near.length > 0 ? near : names).slice(0, 20).join(', ');
  return new CliError(
    EXIT.usage,
    `--thread ${thread.join(',')}: the recording has no such thread`,
    `${near.length > 0 ? 'Did you mean' : 'Threads:'} ${list}${near.length > 0 ? '?' : ''}`,
  );
}

/** What --match left of names: an advice for a pattern that none of them fits. */
export function noMatch(patterns: readonly string[], names: readonly string[], what: string): string {
  const near = [...new Set(names)].filter((name) => patterns.some((one) => name.includes(one.replace(/^\*|\*$/g, ''))));
  const hint = near.length === 0 ? '' : `; did you mean ${near.slice(0, 5).join(', ')} (or '*${patterns[0]}*')?`;
  return `--match ${patterns.join(',')}: no matching ${what}${hint}`;
}
