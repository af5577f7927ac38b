// SPDX-License-Identifier: MIT
// Folders: what is kept (by version and content), and what lives as long as one guest.

import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../../runtime/build/common/paths.js';

export function guestCache(): string {
  return join(cacheRoot(), 'guest');
}

let serial = 0;

/** A folder of this process for one guest. Those of processes that were killed are removed on the way. */
export async function runFolder(): Promise<string> {
  const runs = join(guestCache(), 'run');
  await mkdir(runs, { recursive: true, mode: 0o700 });
  for (const name of await readdir(runs)) {
    const pid = /^(\d+)-\d+$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(runs, name), { recursive: true, force: true });
    }
  }
  const folder = join(runs, `${process.pid}-${serial++}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  return folder;
}
