// SPDX-License-Identifier: MIT
// Memory given to a device that is not for DMA, addresses that are no memory, and lists that are unmapped with another number of entries.

import type { TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';

const KINDS = {
  6: 'dma-of-stack',
  7: 'dma-of-no-memory',
  8: 'dma-wrong-nents',
  12: 'dma-of-pointer',
  13: 'dma-of-nowhere',
  20: 'dma-freed-while-mapped',
  25: 'dma-stale-address',
} as const;

export function hearDmaBuffers(context: TopicContext): void {
  misuses(context, KINDS, (kind, { code, earlier: also, address, size }, s, t) => {
    const one = { kind, at: t, for: 0, thread: s.index, node: s.here, code, data: { address, size, also } };
    context.incident(kind === 'dma-stale-address' ? { ...one, also: { code: also, text: 'unmapped here' } } : one);
  });
}
