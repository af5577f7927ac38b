// SPDX-License-Identifier: MIT
// The recording that a verb reads: named, or the newest one of this folder.

import { readdirSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';

export function fileArgument(command: Command, what = 'a trace file'): Command {
  return command.argument('[file]', `${what}; default: the newest .ddet file of this folder`);
}

/** The newest .ddet file of a folder; undefined when it has none. */
export function newestTrace(folder: string): string | undefined {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.ddet'))
    .map((name) => ({ name, time: statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  return files.sort((a, b) => b.time - a.time)[0]?.name;
}

export function fileOf(given: string | undefined): string {
  if (given !== undefined) return given;
  const newest = newestTrace('.');
  if (newest !== undefined) {
    process.stderr.write(`reading ${newest}\n`);
    return newest;
  }
  const advice = 'Name a trace file, or make one: dde-profile record DRIVER';
  throw new CliError(EXIT.usage, 'there is no .ddet file in this folder', advice);
}
