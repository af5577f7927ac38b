// SPDX-License-Identifier: MIT
// What the driver had not given back when it was removed: the runtime looks, and tells of each (dde:leak).

import type { TopicContext } from '../../read/index.js';

/** By the event's number, which is that of the enum `leak` of the event table. */
const KINDS: readonly (string | undefined)[] = [
  undefined,
  undefined,
  'irq-leak',
  'memory-leak',
  'region-leak',
  'ioremap-leak',
  'page-leak',
  'skb-leak',
  'netdev-leak',
];

export function hearLeaks(context: TopicContext): void {
  context.on('leak', (arg) => {
    const [number, caller, addr, size] = [arg('kind'), arg('caller'), arg('addr'), arg('size')];
    return (s, t, b, i) => {
      const kind = KINDS[number(b, i)];
      if (kind === undefined) return;
      const place = { thread: s.index, node: s.here, code: caller(b, i) - 1 };
      context.incident({ kind, at: t, for: 0, ...place, data: { object: addr(b, i), size: size(b, i) } });
    };
  });
}
