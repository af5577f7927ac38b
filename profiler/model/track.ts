// SPDX-License-Identifier: MIT
// Calls in time order for time-order exporters: one track per thread (wall time, blocked stretches shown as frames) and
// one for the virtual CPU, on which all threads are merged: each moment belongs to the thread that runs. There a switch
// and an interrupt cut the open frames and resume them afterwards, so interrupted code is not charged with them.

import { CONTEXT_BASE, OFF_CPU } from './frame.js';
import type { Profile, Thread } from './profile.js';
import { type Timeline, TimelineCursor } from './timeline.js';
import type { FrameId, Nanoseconds } from './units.js';

export interface TrackVisitor {
  /** `event`: which one of the thread's timeline, on the track of a thread. */
  enter(t: Nanoseconds, frame: FrameId, event?: number): void;
  leave(t: Nanoseconds, frame: FrameId, event?: number): void;
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
  const cursor = new TimelineCursor(thread.timeline);
  let more = cursor.next();
  return {
    name: `${thread.name} (${thread.tid})`,
    thread,
    advance(until, visitor) {
      while (more && cursor.t < until) {
        if (cursor.code >= 0) visitor.enter(cursor.t, cursor.code, cursor.event);
        else visitor.leave(cursor.t, ~cursor.code, cursor.event);
        more = cursor.next();
      }
    },
  };
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
        if (cursor.code >= 0) this.enter(lane, cursor.t, cursor.code, visitor);
        else this.leave(lane, cursor.t, ~cursor.code, visitor);
        lane.more = cursor.next();
        if (lane.resumedAt >= 0) this.resumeUnlessOver(lane, visitor);
      } while (lane.more && cursor.t < limit);
    }
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
