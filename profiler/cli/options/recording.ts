// SPDX-License-Identifier: MIT
// What to record: the options that attach and top share.

import type { Command } from 'commander';
import type { Recorder } from '../../record/attaching.js';
import { readSites, type Site } from '../../builds/index.js';
import { chooseCategories, chooseSites } from '../../record/index.js';
import { depth, GLOB_HELP, globs, shortest } from './values.js';
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

export function recordingOptions(command: Command): Command {
  return command
    .option('--functions <glob>', `also record the driver's own functions: ${GLOB_HELP}`, globs)
    .option('--core <glob>', 'also record functions of the Linux core, in the same way', globs)
    .option('--no-api', 'do not record calls from the driver to the kernel')
    .option(
      '--events <list>',
      'event categories: a,b for these only, +a,-b to change the default, all (--list names them)',
    )
    .option('--depth <n>', 'do not record calls nested deeper than this', depth);
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
  return n === 0 ? '' : `${n} trace ${n === 1 ? 'point' : 'points'} skipped: a debugger's breakpoint is set there\n`;
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
    `driver process ${pid} is already being recorded by process ${recorder.pid} (${recorder.command}), which says what is recorded: ` +
      `${given.map((option) => option.long).join(', ')} cannot be changed here`,
    `Without ${given.length > 1 ? 'these options' : 'it'} the same events are read along; \`dde-profile control ${pid}\` changes what is recorded.`,
  );
}

/** Options that a snapshot of a flight recorder has no use for: it holds what it was told to record at its start. */
const CHOICE_OF_FLIGHT = ['functions', 'core', 'api', 'events', 'depth', 'tracepoint'];

/** @throws CliError for options that would be ignored in a process that runs a flight recorder */
export function refuseIgnored(command: Command, pid: number, waits: boolean): void {
  const ignored = [...CHOICE_OF_FLIGHT, ...(waits ? [] : ['duration'])];
  const given = command.options.filter(
    (option) =>
      ignored.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given.length === 0) return;
  throw new CliError(
    EXIT.usage,
    `driver process ${pid} runs a flight recorder: ${given.map((option) => option.long).join(', ')} cannot be changed here`,
    `A snapshot holds what was asked for at the start; \`dde-profile control ${pid}\` changes what is recorded from now on.`,
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
