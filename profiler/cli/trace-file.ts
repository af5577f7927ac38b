// SPDX-License-Identifier: MIT
// From a trace file to a profile, or an error that says what is wrong with the file.

import { existsSync } from 'node:fs';
import type { Profile } from '../model/index.js';
import type { Progress } from './output.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';

export function requireFile(path: string): void {
  if (!existsSync(path)) throw new CliError(EXIT.trace, `${path}: no such file`);
}

export async function loadTrace(path: string, timeline: boolean, progress: Progress): Promise<Profile> {
  requireFile(path);
  progress.step(`read ${path}`);
  const { loadProfile } = (await import('../aggregate/index.js')) as unknown as {
    loadProfile(path: string, options: object): Profile;
  };
  return loadProfile(path, {
    timeline,
    onProgress: (share: number) => progress.detail(`${Math.round(share * 100)} %`),
  });
}
