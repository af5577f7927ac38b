// SPDX-License-Identifier: MIT
// Folders that are filled aside and then renamed to what they are for. Also when the program is ended in between, none is left.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';

const open = new Set<string>();

/** A tree of a kernel takes seconds to remove: nobody who pressed Ctrl-C waits for that, so another process does it. */
process.on('exit', () => {
  if (open.size === 0) return;
  spawn('rm', ['-rf', '--', ...open], { detached: true, stdio: 'ignore' }).unref();
});

/** A new folder whose name begins with `prefix`. End it with `removeTemporary`, whether it was renamed or not. */
export async function makeTemporary(prefix: string): Promise<string> {
  const dir = await mkdtemp(prefix);
  open.add(dir);
  return dir;
}

export async function removeTemporary(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  open.delete(dir);
}
