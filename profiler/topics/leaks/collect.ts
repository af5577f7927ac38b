// SPDX-License-Identifier: MIT
// What the driver had not given back when it was removed or its probe had failed: the runtime looks, and tells of each (dde:leak).

import type { TopicContext } from '../../read/index.js';
import type { BindingCollector } from '../binding/collect.js';

/** The incident of a mapping that was left. */
export const DMA_LEFT = 'dma-left';

/** By the event's number, which is that of the enum `leak` of the event table. */
const KINDS: readonly string[] = [
  // No findings by themselves: topics/dma looks at them when it has not seen the mappings.
  DMA_LEFT,
  DMA_LEFT,
  'irq-leak',
  'memory-leak',
  'region-leak',
  'ioremap-leak',
  'page-leak',
  'skb-leak',
  'netdev-leak',
  'left-behind',
  'vectors-leak',
  'device-left-enabled',
  'bus-master-left',
];

/** From this number on the event tells who made it in place of a size. */
const FIRST_OBJECT = 9;

export function hearLeaks(context: TopicContext, binding: BindingCollector): void {
  context.on('leak', (arg) => {
    const [number, caller, addr, size] = [arg('kind'), arg('caller'), arg('addr'), arg('size')];
    return (s, t, b, i) => {
      const kind = KINDS[number(b, i)];
      if (kind === undefined) return;
      const place = { thread: s.index, node: s.here, code: caller(b, i) - 1 };
      const last = size(b, i);
      const by = number(b, i) < FIRST_OBJECT ? {} : { by: context.symbols.name(last) };
      const data = { object: addr(b, i), size: last, ending: binding.ending, ...by };
      context.incident({ kind, at: t, for: 0, ...place, data });
    };
  });
}
