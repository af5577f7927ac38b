// SPDX-License-Identifier: MIT
// Calls in time order for time-order exporters: one track per thread (wall time, blocked stretches shown as frames) and
// one for the virtual CPU, on which all threads are merged: each moment belongs to the thread that runs. There a switch
// and an interrupt cut the open frames and resume them afterwards, so interrupted code is not charged with them.

import { CONTEXT_BASE, OFF_CPU } from './frame.js';
import type { Profile, Thread } from './profile.js';
import { type Chunk, type Timeline, TimelineCursor } from './timeline.js';
import type { FrameId, Nanoseconds } from './units.js';

export interface TrackVisitor {
  /** `event`: which one of the thread's timeline, on the track of a thread. */
  enter(t: Nanoseconds, frame: FrameId, event?: number): void;
  leave(t: Nanoseconds, frame: FrameId, event?: number): void;
  /** Many at once, as they stand in a timeline's chunk, in place of calls of the above. */
  run?(base: Nanoseconds, dt: Uint32Array, code: Int32Array, from: number, to: number): void;
}

/** Can be read once, in steps. */
export interface Track {
  readonly name: string;
  /** The thread, or undefined for the virtual CPU. */
  readonly thread?: Thread;
  /** Visits the events before `until` that were not visited yet. */
  advance(until: Nanoseconds, visitor: TrackVisitor): void;
}

export function threadTrack(thread: Thread): Track {
  const { chunks } = thread.timeline;
  let number = 0;
  let next = 0;
  /** Events in the chunks so far. */
  let before = 0;
  return {
    name: `${thread.name} (${thread.tid})`,
    thread,
    advance(until, visitor) {
      for (let c = chunks[number]; c !== undefined; c = chunks[number]) {
        const { base, dt, code } = c;
        const end = firstFrom(c, next, until);
        if (visitor.run !== undefined) visitor.run(base, dt, code, next, end);
        else {
          for (let i = next; i < end; i++) {
            const f = code[i] as number;
            const t = base + (dt[i] as number);
            if (f >= 0) visitor.enter(t, f, before + i);
            else visitor.leave(t, ~f, before + i);
          }
        }
        next = end;
        if (end < c.n) return;
        before += c.n;
        number++;
        next = 0;
      }
    },
  };
}

/** The first event of a chunk, from one on, that is not before `until`. */
function firstFrom({ base, dt, n }: Chunk, from: number, until: Nanoseconds): number {
  let [low, high] = [from, n];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (base + (dt[mid] as number) < until) low = mid + 1;
    else high = mid;
  }
  return low;
}

class Lane {
  readonly cursor: TimelineCursor;
  readonly idle: boolean;
  more: boolean;
  /** It has got the CPU back at this time, and is not drawn yet. */
  resumedAt = -1;
  readonly stack: FrameId[] = [];

  constructor(timeline: Timeline, idle: boolean) {
    this.cursor = new TimelineCursor(timeline);
    this.idle = idle;
    this.more = this.cursor.next();
  }
}

class MergedTrack implements Track {
  readonly name = 'virtual CPU (all threads)';
  private readonly flags: Uint8Array;
  private readonly lanes: Lane[];
  /** Frames that the visitor has open. */
  private readonly open: FrameId[] = [];
  private current: Lane | undefined;

  constructor(profile: Profile) {
    this.flags = profile.frames.flags;
    this.lanes = profile.threads
      .filter((t) => t.timeline.length > 0)
      .map((t) => new Lane(t.timeline, t.role === 'idle'));
  }

  advance(until: Nanoseconds, visitor: TrackVisitor): void {
    for (;;) {
      let lane: Lane | undefined;
      let limit = until;
      for (const l of this.lanes) {
        if (!l.more) continue;
        if (lane === undefined) lane = l;
        else if (l.cursor.t < lane.cursor.t || (l.cursor.t === lane.cursor.t && l === this.current)) {
          // At the moment of a hand-over both have an event: the one that gives the CPU away goes first.
          limit = Math.min(limit, lane.cursor.t);
          lane = l;
        } else limit = Math.min(limit, l.cursor.t);
      }
      if (lane === undefined || lane.cursor.t >= until) return;
      const cursor = lane.cursor;
      do {
        if (visitor.run !== undefined && this.current === lane && lane.resumedAt < 0) {
          const some = this.plain(lane, limit, visitor);
          if (some && (!lane.more || cursor.t >= limit)) break;
        }
        if (cursor.code >= 0) this.enter(lane, cursor.t, cursor.code, visitor);
        else this.leave(lane, cursor.t, ~cursor.code, visitor);
        lane.more = cursor.next();
        if (lane.resumedAt >= 0) this.resumeUnlessOver(lane, visitor);
      } while (lane.more && cursor.t < limit);
    }
  }

  /** Calls and returns of the thread that has the CPU, up to the first event that is anything else; false when that comes first. */
  private plain(lane: Lane, limit: Nanoseconds, visitor: TrackVisitor): boolean {
    const { cursor, stack } = lane;
    const { flags, open } = this;
    let some = false;
    while (lane.more) {
      const { base, n, dt, code } = cursor.at;
      const from = cursor.index;
      /** The lowest the stack has been: what is open above it is new. */
      let lowest = stack.length;
      const before = lowest;
      let i = from;
      for (; i < n && base + (dt[i] as number) < limit; i++) {
        const c = code[i] as number;
        if (c >= 0) {
          if (flags[c] !== 0 || stack.length === 0) break;
          stack.push(c);
        } else {
          if (flags[~c] !== 0 || stack.length < 2) break;
          stack.pop();
          if (stack.length < lowest) lowest = stack.length;
        }
      }
      if (i === from) break;
      some = true;
      open.length -= before - lowest;
      for (let k = lowest; k < stack.length; k++) open.push(stack[k] as FrameId);
      visitor.run?.(base, dt, code, from, i);
      lane.more = cursor.seek(i);
      if (i < n) break;
    }
    return some;
  }

  private enter(lane: Lane, t: Nanoseconds, frame: FrameId, visitor: TrackVisitor): void {
    const flags = this.flags[frame] as number;
    if ((flags & OFF_CPU) !== 0) {
      if (this.current === lane) this.closeAll(t, visitor);
      lane.stack.push(frame);
      this.current = this.current === lane ? undefined : this.current;
      return;
    }
    this.resume(lane, t, visitor);
    if (flags === CONTEXT_BASE) this.closeAll(t, visitor);
    lane.stack.push(frame);
    if (lane.stack.length > 1 || !lane.idle) this.show(t, frame, visitor);
  }

  private leave(lane: Lane, t: Nanoseconds, frame: FrameId, visitor: TrackVisitor): void {
    const flags = this.flags[frame] as number;
    if ((flags & OFF_CPU) !== 0) {
      lane.stack.pop();
      lane.resumedAt = t;
      return;
    }
    if (lane.resumedAt === t) {
      lane.stack.pop();
      return;
    }
    this.resume(lane, t, visitor);
    lane.stack.pop();
    if (lane.stack.length > 0 || !lane.idle) {
      this.open.pop();
      visitor.leave(t, frame);
    }
    if (flags === CONTEXT_BASE) this.showContext(lane, t, visitor);
    if (lane.stack.length === 0) this.current = undefined;
  }

  /** Frames that end in the moment in which their thread gets the CPU back are not drawn once more. */
  private resumeUnlessOver(lane: Lane, visitor: TrackVisitor): void {
    const t = lane.resumedAt;
    if (lane.more && lane.cursor.t === t && lane.cursor.code < 0) return;
    lane.resumedAt = -1;
    if (lane.stack.length > 0) this.resume(lane, t, visitor);
  }

  private resume(lane: Lane, t: Nanoseconds, visitor: TrackVisitor): void {
    if (this.current === lane) return;
    this.closeAll(t, visitor);
    this.current = lane;
    this.showContext(lane, t, visitor);
  }

  /** Opens the frames of the lane's innermost context. */
  private showContext(lane: Lane, t: Nanoseconds, visitor: TrackVisitor): void {
    const stack = lane.stack;
    let base = stack.length - 1;
    while (base > 0 && (this.flags[stack[base] as number] as number) !== CONTEXT_BASE) base--;
    if (base <= 0) base = lane.idle ? 1 : 0;
    for (let i = base; i < stack.length; i++) {
      const f = stack[i] as number;
      if (((this.flags[f] as number) & OFF_CPU) === 0) this.show(t, f, visitor);
    }
  }

  private show(t: Nanoseconds, frame: FrameId, visitor: TrackVisitor): void {
    this.open.push(frame);
    visitor.enter(t, frame);
  }

  private closeAll(t: Nanoseconds, visitor: TrackVisitor): void {
    for (let f = this.open.pop(); f !== undefined; f = this.open.pop()) visitor.leave(t, f);
  }
}

export function mergedTrack(profile: Profile): Track {
  return new MergedTrack(profile);
}

/** The virtual CPU first, then the threads that called anything, the busiest first. */
export function allTracks(profile: Profile): Track[] {
  return [mergedTrack(profile), ...activeThreads(profile).map(threadTrack)];
}

export function activeThreads(profile: Profile): Thread[] {
  return profile.threads
    .filter((t) => t.calls > 0)
    .sort((a, b) => Number(a.role === 'idle') - Number(b.role === 'idle') || b.onCpu - a.onCpu || a.index - b.index);
}
