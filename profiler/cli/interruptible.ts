// SPDX-License-Identifier: MIT
// Reading and writing traces never gives the event loop a turn, so a handler of Ctrl-C would run when all is done.

import { type Context, createContext, Script } from 'node:vm';
import { abort } from './abort.js';

const script = new Script('work()');
let context: Context | undefined;

/** Lets a Ctrl-C that came just before be heard: in work that follows at once nobody would look. To be awaited before `interruptible`. */
export async function turn(): Promise<void> {
  // Making one takes milliseconds, in which a Ctrl-C would be lost: Node takes our handler away when the script begins.
  context ??= createContext({});
  // The first may come before signals are looked at, when this is called out of an event.
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Does `work`, which Ctrl-C ends in the midst of it: no `finally` in it is run then. `afterInterrupt`: also when there was a Ctrl-C before,
 * which ended a recording.
 * @throws what `work` throws, or an AbortError
 */
export function interruptible<T>(work: () => T, { afterInterrupt = false } = {}): T {
  if (!afterInterrupt) abort.signal.throwIfAborted();
  try {
    // Only a script can be interrupted by a signal.
    context ??= createContext({});
    context['work'] = work;
    return script.runInContext(context, { breakOnSigint: true }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED') {
      abort.abort();
      abort.signal.throwIfAborted();
    }
    throw error;
  }
}
