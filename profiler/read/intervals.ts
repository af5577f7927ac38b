// SPDX-License-Identifier: MIT
// Interrupts, softirqs, timers and work items: pairs of events that become frames. Their beginnings are heard before the topics,
// their ends after them, so that to a topic the frame is open at both.

import type { FrameId, FrameKind } from '../model/index.js';
import type { ProfileBuilder } from './builder.js';
import type { EngineContext } from './context.js';
import type { ThreadState } from './thread-state.js';

interface Interval {
  readonly entry: string;
  readonly exit: string;
  /** The argument that tells what it is: the frame that was opened for it is closed by it. */
  readonly key: string;
  readonly prefix: string;
  kind(builder: ProfileBuilder, s: ThreadState): FrameKind;
}

/** Expired timers of high resolution run in the clock's interrupt, which no other event announces. */
function hrtimerKind(builder: ProfileBuilder, s: ThreadState): FrameKind {
  return builder.inHardirq(s) ? 'timer' : 'irq';
}

function running(prefix: string, key: string, entry: string, exit: string, kind: Interval['kind']): Interval {
  return { entry, exit, key, prefix, kind };
}

const INTERVALS: readonly Interval[] = [
  running('timer', 'timer', 'timer_expire_entry', 'timer_expire_exit', () => 'timer'),
  running('hrtimer', 'hrtimer', 'hrtimer_expire_entry', 'hrtimer_expire_exit', hrtimerKind),
  running('work', 'work', 'workqueue_execute_start', 'workqueue_execute_end', () => 'work'),
];

/** All pairs of events that open and close a frame. */
export const INTERVAL_EVENTS: readonly (readonly [entry: string, exit: string])[] = [
  ...INTERVALS.map(({ entry, exit }) => [entry, exit] as const),
  ['softirq_entry', 'softirq_exit'],
  ['irq_handler_entry', 'irq_handler_exit'],
  ['syscall_entry', 'syscall_exit'],
];

type Open = Map<number, FrameId>;

function begin(context: EngineContext, interval: Interval): Open {
  const open: Open = new Map();
  const frames = new Map<number, FrameId>();
  context.on(interval.entry, (arg) => {
    const [object, fn] = [arg(interval.key), arg('function')];
    return (s, t, b, i) => {
      const address = fn(b, i);
      const kind = interval.kind(context.builder, s);
      const known = address * 2 + (kind === 'irq' ? 1 : 0);
      let frame = frames.get(known);
      if (frame === undefined) {
        frame = context.builder.frame({ name: `${interval.prefix} ${context.symbols.name(address)}`, kind, address });
        frames.set(known, frame);
      }
      open.set(object(b, i), frame);
      context.builder.enter(s, t, frame);
    };
  });
  return open;
}

function end(context: EngineContext, { exit, key }: Interval, open: Open): void {
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

/** By interrupt: named after the handler that ran first. */
function openInterrupts({ on, builder, symbols }: EngineContext): Open {
  const frames: Open = new Map();
  on('irq_handler_entry', (arg) => {
    const [line, handler] = [arg('irq'), arg('handler')];
    return (s, t, b, i) => {
      const irq = line(b, i);
      let frame = frames.get(irq);
      if (frame === undefined) {
        frame = builder.frame({ name: `irq ${irq} ${symbols.name(handler(b, i))}`, kind: 'irq' });
        frames.set(irq, frame);
      }
      builder.enter(s, t, frame);
    };
  });
  return frames;
}

function closeInterrupts({ on, builder }: EngineContext, frames: Open): void {
  on('irq_handler_exit', (arg) => {
    const irq = arg('irq');
    return (s, t, b, i) => {
      const frame = frames.get(irq(b, i));
      if (frame !== undefined) builder.leave(s, t, frame);
    };
  });
}

function softirqFrames({ builder, trace }: EngineContext): (vector: number) => FrameId {
  return (vector) => {
    const name = trace.enums['softirq']?.[vector] ?? `vector ${vector}`;
    return builder.frame({ name: `softirq ${name}`, kind: 'softirq' });
  };
}

function hearSoftirqs(
  context: EngineContext,
  event: string,
  then: (s: ThreadState, t: number, frame: FrameId) => void,
): void {
  const frameOf = softirqFrames(context);
  const frames: FrameId[] = [];
  context.on(event, (arg) => {
    const vec = arg('vec');
    return (s, t, b, i) => {
      const vector = vec(b, i);
      const frame = frames[vector] ?? frameOf(vector);
      if (vector < 64) frames[vector] = frame;
      then(s, t, frame);
    };
  });
}

/** From queue to start. */
function queuedWork(context: EngineContext): void {
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

/** What is open, for closeIntervals(). */
export interface OpenIntervals {
  readonly pairs: readonly Open[];
  readonly interrupts: Open;
}

/** To be called before the topics are made. */
export function openIntervals(context: EngineContext): OpenIntervals {
  const pairs = INTERVALS.map((interval) => begin(context, interval));
  queuedWork(context);
  hearSoftirqs(context, 'softirq_entry', (s, t, frame) => void context.builder.enter(s, t, frame));
  return { pairs, interrupts: openInterrupts(context) };
}

/** To be called when the topics have been made. */
export function closeIntervals(context: EngineContext, open: OpenIntervals): void {
  INTERVALS.forEach((interval, i) => {
    end(context, interval, open.pairs[i] as Open);
  });
  hearSoftirqs(context, 'softirq_exit', (s, t, frame) => void context.builder.leave(s, t, frame));
  closeInterrupts(context, open.interrupts);
}
