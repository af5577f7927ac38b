// SPDX-License-Identifier: MIT
// A program of the user, for the workload `exec`: found as a shell would find it, before anything starts.

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @throws CliError where programs cannot be run on a driver, before anything is started */
export async function refuseWithoutSeccomp(executable: string): Promise<void> {
  const end = await execa(executable, ['--may-launch'], { stdin: 'ignore', reject: false });
  if (end.exitCode === 0) return;
  const said = end.stderr.trim().replace(/^dde-profile: /, '');
  throw new CliError(
    end.exitCode === EXIT.missing ? EXIT.missing : EXIT.hostIo,
    said === '' ? (end.shortMessage ?? '') : said,
  );
}

/** @throws CliError when it is not there or is not executable; its words with the path of the first */
export function findProgram(words: readonly string[], folder = process.cwd()): string[] {
  const [name, ...rest] = words;
  if (name === undefined || name === '') {
    throw new CliError(EXIT.usage, 'exec: the program is missing', 'Example: `-- exec ./test --fast`.');
  }
  if (name.includes('/')) {
    const file = resolve(folder, name);
    if (runnable(file)) return [file, ...rest];
    let why = 'not executable';
    try {
      if (statSync(file).isDirectory()) why = 'a folder';
    } catch {
      why = 'no such file';
    }
    throw new CliError(EXIT.usage, `exec: ${name}: ${why}`);
  }
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((one) => one !== '')
    .map((one) => join(one, name))
    .find(runnable);
  if (found === undefined) throw new CliError(EXIT.usage, `exec: ${name}: not found in PATH`);
  return [found, ...rest];
}
