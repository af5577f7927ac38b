// SPDX-License-Identifier: MIT
// --from, --to, --thread and --min-duration: which part of a recording is looked at.

import { type Command, InvalidArgumentError } from 'commander';
import type { TraceFilter } from '../../read/index.js';
import { EXPECTED_DURATION, parseDuration } from '../../run/duration.js';

export interface FilterOptions {
  readonly from?: number;
  readonly to?: number;
  readonly thread?: string;
  readonly minDuration?: number;
}

/** `1.5s`, `200ms`, `30us`: nanoseconds. */
export function time(value: string): number {
  const ns = parseDuration(value);
  if (ns !== undefined) return ns;
  const missing = /^\d+(\.\d+)?$/.test(value)
    ? `the unit is missing: ${value}s, ${value}ms or ${value}us`
    : EXPECTED_DURATION;
  throw new InvalidArgumentError(missing);
}

/** A pattern with * and ?; without them, what a name has to hold. */
export function pattern(glob: string): (name: string) => boolean {
  if (!/[*?]/.test(glob)) return (name) => name.includes(glob);
  const text = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const exact = new RegExp(`^${text}$`);
  return (name) => exact.test(name);
}

export function filterOptions(command: Command): Command {
  return command
    .option('--from <time>', 'leave out what was before: 1.5s, 200ms', time)
    .option('--to <time>', 'leave out what was after', time)
    .option('--thread <name>', 'only these threads: a part of the name, a pattern with *, or a thread id')
    .option('--min-duration <time>', 'leave out calls that took less: 10us', time);
}

export function filterOf({ from, to, thread, minDuration }: FilterOptions): TraceFilter | undefined {
  if (from === undefined && to === undefined && thread === undefined && minDuration === undefined) return undefined;
  const named = thread === undefined ? undefined : pattern(thread);
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(minDuration === undefined ? {} : { minDuration }),
    ...(named === undefined ? {} : { thread: (name, tid) => named(name) || String(tid) === thread }),
  };
}
