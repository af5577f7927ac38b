// SPDX-License-Identifier: MIT
// Who has the virtual CPU. There is one, and batches come in time order, so a batch of another thread means that the
// CPU has changed hands: at the sched_switch event when it was recorded, else at the last event of the thread before.

import type { ProfileBuilder } from './builder.js';
import type { EngineContext } from './context.js';
import { findEvent } from './event-args.js';
import type { ThreadState } from './thread-state.js';

const IDLE_EXIT = 0xffffffff;

export class Scheduler {
  private readonly builder: ProfileBuilder;
  private current: ThreadState | undefined;
  private switchedAt = -1;
  private readonly wakes = new Map<number, { t: number; thread: number }>();

  constructor(context: EngineContext) {
    this.builder = context.builder;
    context.on('sched_switch', (arg) => {
      const state = arg('prev_state');
      // Recordings without the argument do not tell whether a thread would have gone on: most give the CPU away to wait.
      const known = findEvent(context.trace, 'sched_switch')?.args.some((a) => a.name === 'prev_state') ?? false;
      return (s, t, b, i) => {
        this.builder.switchOut(s, t, known && state(b, i) === 0);
        this.switchedAt = t;
      };
    });
    context.on('cpu_idle', (arg) => {
      const state = arg('state');
      return (s, t, b, i) => {
        if (state(b, i) === IDLE_EXIT) this.builder.switchIn(s, t);
        else this.builder.idle(s, t);
      };
    });
    context.on('sched_wakeup', (arg) => {
      const tid = arg('tid');
      return (s, t, b, i) => {
        if (this.wakes.size < 1 << 12) this.wakes.set(tid(b, i), { t, thread: s.index });
      };
    });
  }

  /** A batch of this thread begins at `first`. */
  run(s: ThreadState, first: number): void {
    const before = this.current;
    if (before === s) return;
    this.current = s;
    let at = first;
    if (before !== undefined) {
      at = this.switchedAt >= 0 ? this.switchedAt : before.last;
      this.builder.switchOut(before, at);
    }
    this.switchedAt = -1;
    this.builder.touch(s, at);
    this.builder.switchIn(s, at);
    const wake = this.wakes.get(s.tid);
    if (wake === undefined) return;
    this.wakes.delete(s.tid);
    this.builder.flows.add('wake-up to run', wake.t, wake.thread, at, s.index);
  }
}
