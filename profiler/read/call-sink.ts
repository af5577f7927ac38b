// SPDX-License-Identifier: MIT
// Who wants each call by itself, and not sums: told by the builder while it reads.

import type { FrameId, Nanoseconds } from '../model/index.js';
import type { CallColumns } from './builder.js';
import type { ThreadState } from './thread-state.js';

/** All times in nanoseconds. A call is known by its place on the thread's stack until it is closed. */
export interface CallSink {
  /**
   * A call or context was opened at depth d of the thread: `s.frame[d]`, `s.at[d]`. Its number goes to `s.call[d]`.
   * @param b the event that opened it, unless it was a pair of typed events: then undefined
   */
  opened(s: ThreadState, d: number, b: CallColumns | undefined, i: number): void;
  /**
   * It has ended.
   * @param wall from entry to exit
   * @param off the part of it without the virtual CPU or under an interrupt
   * @param child what its callees had of the virtual CPU
   */
  closed(s: ThreadState, d: number, wall: Nanoseconds, off: Nanoseconds, child: Nanoseconds): void;
  /** The call that was closed last returned this word. */
  returned(word: number): void;
  /** The thread did not have the virtual CPU, or nothing is known of it. */
  away(s: ThreadState, frame: FrameId, from: Nanoseconds, wall: Nanoseconds): void;
}
