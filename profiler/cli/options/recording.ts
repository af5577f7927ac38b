// SPDX-License-Identifier: MIT
// What to record: the options that attach and top share.

import { type Command, InvalidArgumentError } from 'commander';
import type { Recorder } from '../../record/attaching.js';
import { readSites, type Site } from '../../builds/index.js';
import { chooseCategories, chooseSites } from '../../record/index.js';
import { EXPECTED_DURATION, parseDuration } from '../../run/duration.js';
import { time } from './filter.js';
import { CliError } from '../failure.js';
import { EXIT } from '../exit-codes.js';

export interface RecordingOptions {
  readonly functions?: string[];
  readonly core?: string[];
  readonly api: boolean;
  readonly events?: string;
  readonly depth?: number;
  /** Nanoseconds. */
  readonly minDuration?: number;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function recordingOptions(command: Command): Command {
  return command
    .option('--functions <glob>', "record the driver's own functions, too; may be given again", collect)
    .option('--core <glob>', 'record functions of the Linux core, too; may be given again', collect)
    .option('--no-api', 'do not record calls from the driver to the kernel')
    .option('--events <list>', 'categories of events: a,b for these only, +a,-b to change the default, all')
    .option('--depth <n>', 'do not record calls nested deeper than this', depthArgument);
}

/** For the verbs that write a file. Their file gets smaller; the driver is not faster, as how long a call takes is known at its end. */
export function minDurationOption(command: Command): Command {
  return command.option(
    '--min-duration <time>',
    'leave out calls that took less: 10us. The file gets smaller',
    shortest,
  );
}

/** Of a recording with --min-duration: how many events that was, to stand behind "... lost". */
export function leftOut(
  { filtered }: { readonly filtered: number },
  { minDuration }: { readonly minDuration?: number },
): string {
  return minDuration === undefined ? '' : `, ${filtered} of calls below ${minDuration / 1000} us left out`;
}

/** Of a recording beside a debugger: a line that says what is missing, or nothing. */
export function notSwitched({ skippedSites: n }: { readonly skippedSites: number }): string {
  return n === 0
    ? ''
    : `not recorded: ${n} ${n === 1 ? 'place' : 'places'} of the code, where a debugger's breakpoint stood\n`;
}

function shortest(value: string): number {
  const ns = Math.round(time(value));
  if (!(ns >= 1 && ns <= 60e9)) throw new InvalidArgumentError('expected a duration from 1ns to 60s');
  return ns;
}

/** The options that say what is recorded: with a recorder there already, it has said so. */
const CHOICE = ['functions', 'core', 'api', 'events', 'depth', 'args', 'tracepoint', 'on'];

/** Throws when the user chose what to record of a process that somebody records. */
export function refuseChoice(command: Command, pid: number, recorder: Recorder): void {
  const given = command.options.filter(
    (option) =>
      CHOICE.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given.length === 0) return;
  throw new CliError(
    EXIT.usage,
    `driver process ${pid} is recorded already, by process ${recorder.pid} (${recorder.command}), which says what is recorded: ` +
      `${given.map((option) => option.long).join(', ')} cannot`,
    `Without ${given.length > 1 ? 'them' : 'it'} this reads along; \`dde-profile control ${pid}\` changes what is recorded for all.`,
  );
}

export function whatToRecord(dir: string, options: RecordingOptions) {
  const sites: Site[] = readSites(dir);
  const chosen = chooseSites(sites, {
    functions: options.functions ?? [],
    core: options.core ?? [],
    noApi: !options.api,
  });
  return {
    sites,
    chosen,
    categories: chooseCategories(options.events),
    ...(options.depth === undefined ? {} : { depth: options.depth }),
    ...(options.minDuration === undefined ? {} : { minDuration: options.minDuration }),
  };
}

export function depthArgument(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new InvalidArgumentError('must be an integer from 1 to 10000');
  return number;
}

/** `5s`, `500ms`, or a whole number of seconds; returns seconds. */
export function secondsArgument(value: string): number {
  const ns = parseDuration(value, { seconds: true });
  if (ns === undefined || ns === 0) throw new InvalidArgumentError(EXPECTED_DURATION);
  return ns / 1e9;
}

export function pidArgument(value: string): number {
  const pid = Number(value);
  if (!Number.isInteger(pid) || pid <= 0)
    throw new CliError(
      EXIT.usage,
      `${JSON.stringify(value)} is not a process ID`,
      '`dde-profile ps` lists the driver processes.',
    );
  return pid;
}
