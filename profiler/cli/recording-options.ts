// SPDX-License-Identifier: MIT
// What to record: the options that attach and top share.

import { type Command, InvalidArgumentError } from 'commander';
import { chooseCategories, chooseSites, readSites, type Site } from '../launch/index.js';
import { CliError } from './failure.js';
import { EXIT } from './exit-codes.js';

export interface RecordingOptions {
  readonly functions?: string[];
  readonly core?: string[];
  readonly api: boolean;
  readonly events?: string;
  readonly depth?: number;
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
  };
}

export function depthArgument(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 10_000)
    throw new InvalidArgumentError('It is a whole number from 1 to 10000.');
  return number;
}

export function secondsArgument(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 1e6)) throw new InvalidArgumentError('It is a number of seconds above 0.');
  return number;
}

export function pidArgument(value: string): number {
  const pid = Number(value);
  if (!Number.isInteger(pid) || pid <= 0)
    throw new CliError(EXIT.usage, `${value}: no process id`, '`dde-profile ps` shows the running drivers.');
  return pid;
}
