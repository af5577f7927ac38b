// SPDX-License-Identifier: MIT
// The call tree of the virtual CPU: contexts (interrupts, softirqs) of all threads together, then each thread.

import { CallTree } from './call-tree.js';
import { CONTEXT_BASE } from './frame.js';
import type { Profile } from './profile.js';

/** The same tree that the merged track draws. */
export function mergedTree(profile: Profile): CallTree {
  const from = profile.tree;
  const out = new CallTree(from.frame[0] as number);
  for (const thread of profile.threads) {
    if (thread.end === 0 && thread.calls === 0) continue;
    const idle = thread.role === 'idle';
    const own = idle ? 0 : out.child(0, from.frame[thread.node] as number);
    for (const c of from.children(thread.node)) {
      const flags = profile.frames.flags[from.frame[c] as number] as number;
      out.graft(flags === CONTEXT_BASE ? 0 : own, from, c);
    }
    if (idle) continue;
    out.calls[own] = 1;
    out.self[own] = from.self[thread.node] as number;
    out.wall[own] = from.wall[thread.node] as number;
    let total = out.self[own] as number;
    for (const c of out.children(own)) total += out.total[c] as number;
    out.total[own] = total;
  }
  let all = 0;
  for (const c of out.children(0)) all += out.total[c] as number;
  out.total[0] = all;
  return out;
}
