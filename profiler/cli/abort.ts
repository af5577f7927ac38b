// SPDX-License-Identifier: MIT
// Ctrl-C and its like: one signal for the whole program.

import { readdirSync, readFileSync } from 'node:fs';

export const abort = new AbortController();

function parents(): Map<number, number> {
  const all = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      all.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
}

/** The processes below a process, children before grandchildren. */
export function descendants(pid: number): number[] {
  const all = parents();
  const found = [pid];
  for (const one of found) {
    for (const [child, parent] of all) if (parent === one) found.push(child);
  }
  return found.slice(1);
}

/** While `work` goes on, an interrupt ends the processes that it started: compilers would go on for minutes. */
export async function endingChildren<T>(work: () => Promise<T>): Promise<T> {
  const stop = (): void => {
    for (const pid of descendants(process.pid)) {
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // It was faster.
      }
    }
  };
  abort.signal.addEventListener('abort', stop, { once: true });
  try {
    return await work();
  } finally {
    abort.signal.removeEventListener('abort', stop);
    abort.signal.throwIfAborted();
  }
}
