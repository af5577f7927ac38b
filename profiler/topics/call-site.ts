// SPDX-License-Identifier: MIT
// Calls of the driver that the runtime tells one by one (dde:call_site), with the place in the driver and what was forbidden there.

import type { ThreadView, TopicContext } from '../read/index.js';

export interface CallSite {
  /** The kernel's function. */
  readonly name: string;
  /** The calling instruction. */
  readonly code: number;
  /** Its first argument. */
  readonly object: number;
  /** preempt_count(), interrupts off and may-sleep, as runtime/arch/dde lays them out. */
  readonly context: number;
}

export function callSites(
  { on, symbols }: TopicContext,
  then: (site: CallSite, thread: ThreadView, t: number) => void,
): void {
  on('call_site', (arg) => {
    const [caller, fn, object, context] = [arg('caller'), arg('function'), arg('object'), arg('context')];
    return (s, t, b, i) => {
      const name = symbols.name(fn(b, i)).replace(/^__(wrap|ddeguard)_/, '');
      then({ name, code: caller(b, i) - 1, object: object(b, i), context: context(b, i) }, s, t);
    };
  });
}
