// SPDX-License-Identifier: MIT
// From a trace file to a profile, or an error that says what is wrong with the file.

import { existsSync } from 'node:fs';
import type { Profile } from '../model/index.js';
import type { TraceFilter } from '../read/index.js';
import type { LoadOptions } from '../topics/load.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import { interruptible } from './interruptible.js';
import type { Progress } from './output.js';
import { loader } from './parts.js';

export function requireFile(path: string): void {
  if (!existsSync(path)) throw new CliError(EXIT.trace, `${path}: no such file`);
}

export async function loadTrace(
  path: string,
  timeline: boolean,
  progress: Progress,
  filter?: TraceFilter,
  keep: Pick<
    LoadOptions,
    'packets' | 'callArguments' | 'subtractOverhead' | 'valuesOf' | 'selfTimes' | 'only' | 'maxEvents'
  > = {},
): Promise<Profile> {
  requireFile(path);
  progress.step(`read ${path}`);
  const { loadProfile } = await loader();
  const options: LoadOptions = {
    timeline,
    ...keep,
    ...(filter === undefined ? {} : { filter }),
    onProgress: (share: number) => progress.detail(`${Math.round(share * 100)} %`),
  };
  return interruptible(() => loadProfile(path, options));
}
