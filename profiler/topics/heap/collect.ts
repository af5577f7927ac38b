// SPDX-License-Identifier: MIT
// Memory of the driver that was overrun, freed twice, or written after it was freed: the runtime looks when it is freed, and later.

import type { TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';

const KINDS = {
  9: 'double-free',
  10: 'use-after-free',
  11: 'heap-overflow',
  15: 'invalid-free',
  18: 'copy-beyond',
} as const;

export function hearHeap(context: TopicContext): void {
  misuses(context, KINDS, (kind, { code, earlier: also, address, size }, s, t) => {
    const has = also + 1;
    const other = also > 0 && kind !== 'copy-beyond' ? context.lines.find(also) : undefined;
    const where = other === undefined ? '' : `${other.file}:${other.line}`;
    context.incident({ kind, at: t, for: 0, thread: s.index, node: s.here, code, data: { address, size, where, has } });
  });
}
