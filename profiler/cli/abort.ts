// SPDX-License-Identifier: MIT
// Ctrl-C and its like: one signal for the whole program.

import { parentOf, processes } from '../run/process-facts.js';

export const abort = new AbortController();

/** Aborted by the second Ctrl-C: what takes its time to end in order is ended at once. */
export const insist = new AbortController();

/** Ends of what is under way may take this long, ms; then the program ends without them. */
const GRACE_MS = 150;

let handedOver = 0;

/** The terminal and its Ctrl-C belong to another program (gdb, Valgrind) now. */
export function terminalIsHandedOver(): boolean {
  return handedOver > 0;
}

/** While `work` goes on, Ctrl-C is another program's affair: it is on the same terminal and gets it, too. */
export async function handingOverTerminal<T>(work: () => Promise<T>): Promise<T> {
  handedOver++;
  try {
    return await work();
  } finally {
    handedOver--;
  }
}

/** The processes below a process, children before grandchildren. */
function descendants(pid: number): number[] {
  const all = processes().map((one) => [one, parentOf(one)] as const);
  const found = [pid];
  for (const one of found) {
    for (const [child, parent] of all) if (parent === one) found.push(child);
  }
  return found.slice(1);
}

function endDescendants(signal: NodeJS.Signals): void {
  for (const pid of descendants(process.pid)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It was faster.
    }
  }
}

/** Rejects as soon as somebody presses Ctrl-C. */
function aborted(ms: number): { readonly promise: Promise<never>; forget(): void } {
  let forget = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const stop = (): void => {
      endDescendants('SIGTERM');
      setTimeout(() => {
        endDescendants('SIGKILL');
        reject(abort.signal.reason);
      }, ms);
    };
    if (abort.signal.aborted) stop();
    else abort.signal.addEventListener('abort', stop, { once: true });
    forget = () => abort.signal.removeEventListener('abort', stop);
  });
  return { promise, forget };
}

/**
 * While `work` goes on, an interrupt ends the processes that it started: compilers would go on for minutes. What it waits for else (a
 * lock, the removal of a large folder) is left to itself soon after.
 * @throws what `work` throws, or an AbortError
 */
export async function endingChildren<T>(work: () => Promise<T>): Promise<T> {
  const interrupt = aborted(GRACE_MS);
  const done = work();
  done.catch(() => undefined);
  try {
    return await Promise.race([done, interrupt.promise]);
  } finally {
    interrupt.forget();
    abort.signal.throwIfAborted();
  }
}

/** Until Ctrl-C, or whatever else ends the signal; Node itself would end when nothing is left to wait for. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => undefined, 1 << 30);
    const end = () => {
      clearInterval(timer);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
