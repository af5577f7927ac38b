// SPDX-License-Identifier: MIT
// What can stand on a stack: functions, and the intervals that the kernel's own events open and close.

import type { Signature } from './call-args.js';
import type { FrameId } from './units.js';

export type FrameKind =
  | 'api' // a kernel function, called by the driver
  | 'driver' // a function of the driver
  | 'core' // a function of the Linux core
  | 'irq' // a hard interrupt's handler is running
  | 'softirq' // a softirq is running
  | 'work' // a work item is running
  | 'timer' // a timer's function is running
  | 'program' // a function of the user's program
  | 'syscall' // a system call of it
  | 'interval' // any other pair of events
  | 'blocked' // the thread does not have the virtual CPU
  | 'gap' // events were lost here
  | 'thread'; // the root of a thread

/** Where code runs. Hard and soft interrupts are contexts of their own: their time is not that of what they interrupted. */
export type Context = 'process' | 'softirq' | 'hardirq';

export interface FrameInfo {
  readonly name: string;
  readonly kind: FrameKind;
  /** A driver function that the core calls (a callback), as against one the driver calls itself. */
  readonly callback?: boolean;
  readonly file?: string;
  readonly line?: number;
  readonly address?: number;
  /** What its arguments and its return value are called. */
  readonly signature?: Signature;
}

export interface Frame extends FrameInfo {
  readonly id: FrameId;
}

/** Flags of FrameTable.flags. */
export const CONTEXT_BASE = 1; // opens a context of its own (irq, softirq)
export const OFF_CPU = 2; // time without the CPU
export const OPAQUE = 4; // gap: time of which nothing is known

const FLAGS: Partial<Record<FrameKind, number>> = {
  irq: CONTEXT_BASE,
  softirq: CONTEXT_BASE,
  blocked: OFF_CPU,
  gap: OPAQUE,
};

/** All frames of a profile. The same name and kind and file is one frame. */
export class FrameTable {
  readonly list: Frame[] = [];
  /** One byte a frame, for the hot path. */
  flags = new Uint8Array(256);
  /** 1 for functions: entered and left by records of their own. */
  calls = new Uint8Array(256);
  private readonly byKey = new Map<string, FrameId>();

  intern(info: FrameInfo): FrameId {
    const key = `${info.kind}\0${info.name}\0${info.file ?? ''}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const id = this.list.length;
    if (id >= this.flags.length) {
      const wider = new Uint8Array(this.flags.length * 2);
      wider.set(this.flags);
      this.flags = wider;
      const widerCalls = new Uint8Array(wider.length);
      widerCalls.set(this.calls);
      this.calls = widerCalls;
    }
    this.flags[id] = FLAGS[info.kind] ?? 0;
    this.calls[id] = info.kind === 'api' || info.kind === 'driver' || info.kind === 'core' ? 1 : 0;
    this.list.push({ ...info, id });
    this.byKey.set(key, id);
    return id;
  }

  get(id: FrameId): Frame {
    const frame = this.list[id];
    if (frame === undefined) throw new RangeError(`no frame ${id}`);
    return frame;
  }

  get size(): number {
    return this.list.length;
  }
}

/** The context that a frame opens, if it opens one. */
export function contextOf(kind: FrameKind): Context | undefined {
  if (kind === 'irq') return 'hardirq';
  if (kind === 'softirq') return 'softirq';
  return undefined;
}

const CATEGORY: Record<FrameKind, string> = {
  api: 'kernel API',
  driver: 'driver',
  core: 'Linux core',
  irq: 'hardirq',
  softirq: 'softirq',
  work: 'workqueue',
  timer: 'timer',
  program: 'program',
  syscall: 'system call',
  interval: 'interval',
  blocked: 'off CPU',
  gap: 'lost events',
  thread: 'thread',
};

/** The category under which viewers group and colour a frame. */
export function categoryOf(kind: FrameKind): string {
  return CATEGORY[kind];
}

export const CATEGORIES: readonly string[] = Object.values(CATEGORY);
