// SPDX-License-Identifier: MIT
// Memory mapped for DMA that was touched by whom it does not belong to at that moment.

import type { TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';

const KINDS = {
  1: 'dma-error-unchecked',
  2: 'dma-cpu-write',
  3: 'dma-sync-missing',
  5: 'dma-device-sync-missing',
} as const;

export function hearDmaOwnership(context: TopicContext): void {
  misuses(context, KINDS, (kind, { code: at, earlier, address, size }, s, t) => {
    // A mapping that failed unseen is the fault of who made it, not of who used it.
    const [code, also] = kind === 'dma-error-unchecked' ? [earlier, at] : [at, earlier];
    context.incident({ kind, at: t, for: 0, thread: s.index, node: s.here, code, data: { address, size, also } });
  });
}
