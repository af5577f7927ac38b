// SPDX-License-Identifier: MIT
// The runtime's event for what a driver must not do (dde:misuse), read by the topics that it is about.

import type { ThreadView, TopicContext } from '../read/index.js';

export interface Misuse {
  /** The instruction that did it, and an earlier one that led to it (0: none). */
  readonly code: number;
  readonly earlier: number;
  readonly address: number;
  readonly size: number;
}

/** @param kinds by the event's number, which is that of the enum `misuse` of the event table: what is not in here is not heard */
export function misuses<K extends string>(
  context: TopicContext,
  kinds: Readonly<Record<number, K>>,
  then: (kind: K, misuse: Misuse, thread: ThreadView, t: number) => void,
): void {
  context.on('misuse', (arg) => {
    const [number, caller, first] = [arg('kind'), arg('caller'), arg('first')];
    const [addr, size] = [arg('addr'), arg('size')];
    return (s, t, b, i) => {
      const kind = kinds[number(b, i)];
      if (kind === undefined) return;
      const misuse = { code: caller(b, i) - 1, earlier: first(b, i) - 1, address: addr(b, i), size: size(b, i) };
      then(kind, misuse, s, t);
    };
  });
}
