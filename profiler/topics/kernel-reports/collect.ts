// SPDX-License-Identifier: MIT
// What the kernel itself complained about: its text is on the console, the runtime tells that and where.

import type { TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';

const KINDS = { 4: 'kernel-warning' } as const;

export function hearKernelReports(context: TopicContext): void {
  misuses(context, KINDS, (kind, { code, earlier: also, address, size }, s, t) => {
    context.incident({ kind, at: t, for: 0, thread: s.index, node: s.here, code, data: { address, size, also } });
  });
}
