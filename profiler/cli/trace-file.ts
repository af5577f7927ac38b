// SPDX-License-Identifier: MIT
// From a trace file to a profile, or an error that says what is wrong with the file.

import { existsSync, statSync } from 'node:fs';
import type { Profile } from '../model/index.js';
import type { LoadOptions } from '../topics/load.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import { interruptible, turn } from './interruptible.js';
import { type FilterOptions, filterOf, unmatched } from './options/filter.js';
import type { Progress } from './output.js';
import { eventLines, loader } from './lazy.js';

/** Bytes. */
const WORTH_TELLING = 4e6;

export function requireFile(path: string): void {
  if (!existsSync(path)) throw new CliError(EXIT.trace, `${path}: no such file`);
}

/** @throws CliError when the recording holds nothing of what is asked for */
export async function checkFilter(path: string, options: FilterOptions): Promise<void> {
  const { openTrace } = await eventLines();
  const trace = openTrace(path);
  try {
    const nothing = unmatched(trace, options);
    if (nothing !== undefined) throw nothing;
  } finally {
    trace.close();
  }
}

export async function loadTrace(
  path: string,
  timeline: boolean,
  progress: Progress,
  options: FilterOptions = {},
  keep: Pick<
    LoadOptions,
    'packets' | 'callArguments' | 'subtractOverhead' | 'valuesOf' | 'selfTimes' | 'only' | 'maxEvents'
  > = {},
): Promise<Profile> {
  requireFile(path);
  const { size } = statSync(path);
  // What is read in under a second is not worth a line.
  if (size >= WORTH_TELLING || process.stderr.isTTY) progress.step(`read ${path}`);
  const { loadProfile } = await loader();
  const filter = filterOf(options);
  if (filter !== undefined) await checkFilter(path, options);
  const loading: LoadOptions = {
    timeline,
    ...keep,
    ...(filter === undefined ? {} : { filter }),
    onProgress: (share: number) => progress.detail(`${Math.round(share * 100)} %`),
  };
  await turn();
  return interruptible(() => loadProfile(path, loading));
}
