// SPDX-License-Identifier: MIT
// Cuts a profile by time so that no file holds more events than a viewer can open.

import {
  type FrameId,
  type Nanoseconds,
  OFF_CPU,
  type Profile,
  type Track,
  type TrackVisitor,
} from '../../model/index.js';

export interface TimeRange {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

const BINS = 1 << 16;

class Bins {
  readonly counts = new Float64Array(BINS);
  total = 0;
  private readonly end: Nanoseconds;
  private readonly scale: number;

  constructor(duration: Nanoseconds) {
    this.end = duration + 1;
    this.scale = BINS / this.end;
  }

  add(t: Nanoseconds, n: number): void {
    const i = Math.floor(t * this.scale);
    this.counts[i] = (this.counts[i] as number) + n;
    this.total += n;
  }

  /** Ranges of time with at most `limit` in each, as far as time allows. */
  cut(limit: number): TimeRange[] {
    const { counts, end, scale } = this;
    if (this.total <= limit) return [{ from: 0, to: end }];
    const out: TimeRange[] = [];
    let from = 0;
    let sum = 0;
    for (let i = 0; i < BINS; i++) {
      const n = counts[i] as number;
      const to = Math.ceil(i / scale);
      if (sum > 0 && sum + n > limit && to > from && to < end) {
        out.push({ from, to });
        from = to;
        sum = 0;
      }
      sum += n;
    }
    out.push({ from, to: end });
    return out;
  }
}

/** Ranges of time over [0, duration] with at most `limit` events of all the tracks in each, as far as time allows. */
export function cutByEvents(tracks: readonly Track[], duration: Nanoseconds, limit: number): TimeRange[] {
  const bins = new Bins(duration);
  const count = (t: Nanoseconds): void => bins.add(t, 1);
  for (const track of tracks) track.advance(Number.POSITIVE_INFINITY, { enter: count, leave: count });
  return bins.cut(limit);
}

/**
 * The same for a file that holds each thread's calls, and the virtual CPU's when that is drawn, without drawing them: each event is
 * in both. Where the CPU changes hands and where an interrupt comes and goes, the frames of the context are closed or opened on the
 * latter.
 */
export function cutTimeline(profile: Profile, limit: number, virtualCpu: boolean): TimeRange[] {
  const bins = new Bins(profile.timelineEnd);
  const { flags } = profile.frames;
  if (!virtualCpu) {
    for (const { timeline } of profile.threads) {
      timeline.forEach((t) => {
        bins.add(t, 1);
      });
    }
    return bins.cut(limit);
  }
  for (const { timeline } of profile.threads) {
    /** Depth within each context that is open. */
    const contexts: number[] = [0];
    let depth = 0;
    timeline.forEach((t, code) => {
      const flag = flags[code < 0 ? ~code : code] as number;
      if (flag === 0) {
        depth += code < 0 ? -1 : 1;
        bins.add(t, 2);
      } else if ((flag & OFF_CPU) !== 0) bins.add(t, 1 + depth);
      else if (code >= 0) {
        bins.add(t, 2 + depth);
        contexts.push(depth);
        depth = 1;
      } else {
        depth = contexts.pop() ?? 0;
        bins.add(t, 2 + depth);
      }
    });
  }
  return bins.cut(limit);
}

/** Reads a track range by range: what is open at the edge is closed there and opened again in the next range. */
export class RangeReader {
  private readonly stack: FrameId[] = [];
  private readonly track: Track;

  constructor(track: Track) {
    this.track = track;
  }

  read(range: TimeRange, last: boolean, visitor: TrackVisitor): void {
    const stack = this.stack;
    for (const f of stack) visitor.enter(range.from, f);
    this.track.advance(last ? Number.POSITIVE_INFINITY : range.to, {
      enter(t, f) {
        stack.push(f);
        visitor.enter(t, f);
      },
      leave(t, f) {
        stack.pop();
        visitor.leave(t, f);
      },
    });
    for (let i = stack.length - 1; i >= 0; i--) visitor.leave(range.to, stack[i] as FrameId);
  }
}
