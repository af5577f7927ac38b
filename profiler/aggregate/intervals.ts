// SPDX-License-Identifier: MIT
// Timers and work items: pairs of events that become frames.

import type { FrameId, FrameKind, ProfileBuilder, ThreadState } from '../model/index.js';
import type { AggregateContext } from './context.js';

/** Expired timers of high resolution run in the clock's interrupt, which no other event announces. */
function hrtimerKind(builder: ProfileBuilder, s: ThreadState): FrameKind {
  return builder.inHardirq(s) ? 'timer' : 'irq';
}

function pair(
  context: AggregateContext,
  kindOf: (builder: ProfileBuilder, s: ThreadState) => FrameKind,
  prefix: string,
  key: string,
  entry: string,
  exit: string,
): void {
  const open = new Map<number, FrameId>();
  const frames = new Map<number, FrameId>();
  context.on(entry, (arg) => {
    const [object, fn] = [arg(key), arg('function')];
    return (s, t, b, i) => {
      const address = fn(b, i);
      const kind = kindOf(context.builder, s);
      const known = address * 2 + (kind === 'irq' ? 1 : 0);
      let frame = frames.get(known);
      if (frame === undefined) {
        frame = context.builder.frame({ name: `${prefix} ${context.symbols.name(address)}`, kind, address });
        frames.set(known, frame);
      }
      open.set(object(b, i), frame);
      context.builder.enter(s, t, frame);
    };
  });
  context.on(exit, (arg) => {
    const object = arg(key);
    return (s, t, b, i) => {
      const frame = open.get(object(b, i));
      if (frame === undefined) return;
      open.delete(object(b, i));
      context.builder.leave(s, t, frame);
    };
  });
}

export function aggregateIntervals(context: AggregateContext): void {
  pair(context, () => 'timer', 'timer', 'timer', 'timer_expire_entry', 'timer_expire_exit');
  pair(context, hrtimerKind, 'hrtimer', 'hrtimer', 'hrtimer_expire_entry', 'hrtimer_expire_exit');
  pair(context, () => 'work', 'work', 'work', 'workqueue_execute_start', 'workqueue_execute_end');
  const queued = new Map<number, { t: number; thread: number }>();
  context.on('workqueue_queue_work', (arg) => {
    const work = arg('work');
    return (s, t, b, i) => {
      if (queued.size < 1 << 16) queued.set(work(b, i), { t, thread: s.index });
    };
  });
  context.on('workqueue_execute_start', (arg) => {
    const work = arg('work');
    return (s, t, b, i) => {
      const from = queued.get(work(b, i));
      if (from === undefined) return;
      queued.delete(work(b, i));
      context.builder.flows.add('queue to work', from.t, from.thread, t, s.index);
    };
  });
}
