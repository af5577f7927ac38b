// SPDX-License-Identifier: MIT
// Memory of the driver that was overrun, freed twice, or written after it was freed: the runtime looks when it is freed, and later. A
// module's own accesses are looked at as they are made.

import type { TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';

const KINDS = {
  9: 'double-free',
  10: 'use-after-free',
  11: 'heap-overflow',
  15: 'invalid-free',
  18: 'copy-beyond',
  21: 'access-beyond',
  22: 'access-freed',
  23: 'index-beyond',
} as const;

/** What happened at the other place. */
const OTHER: Readonly<Record<string, string>> = {
  'double-free': 'freed before',
  'use-after-free': 'allocated here',
  'heap-overflow': 'noticed when it was freed here',
  'access-beyond': 'allocated here',
  'access-freed': 'freed here',
};

export function hearHeap(context: TopicContext): void {
  misuses(context, KINDS, (kind, { code, earlier: also, address, size }, s, t) => {
    const has = also + 1;
    const text = also > 0 ? OTHER[kind] : undefined;
    const other = text === undefined ? undefined : context.lines.find(also);
    const where = other === undefined ? '' : `${other.file}:${other.line}`;
    const one = { kind, at: t, for: 0, thread: s.index, node: s.here, code, data: { address, size, where, has } };
    context.incident(text === undefined || other === undefined ? one : { ...one, also: { code: also, text } });
  });
}
