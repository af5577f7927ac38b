// SPDX-License-Identifier: MIT
// What a topic noticed as events went by: suspicious, with its place. The topic's rules make findings of it.

import type { Address, Nanoseconds, NodeId, ThreadIndex } from './units.js';

export interface Incident {
  /** `irq-storm`: also the kind of the finding. */
  readonly kind: string;
  readonly at: Nanoseconds;
  /** How long it lasted. */
  readonly for: Nanoseconds;
  readonly thread: ThreadIndex;
  readonly node: NodeId;
  /** The instruction that it is about, in the driver; 0 or absent when only the node tells. */
  readonly code?: Address;
  /** Another one that belongs to it, and what was done there. */
  readonly also?: { readonly code: Address; readonly text: string };
  readonly data: Readonly<Record<string, number | string>>;
}
