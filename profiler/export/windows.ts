// SPDX-License-Identifier: MIT
// Cuts a profile by time so that no file holds more events than a viewer can open.

import type { FrameId, Nanoseconds, Track, TrackVisitor } from '../model/index.js';

export interface Window {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

const BINS = 1 << 16;

/** Windows over [0, duration] with at most `limit` events of all the tracks in each, as far as time allows. */
export function windows(tracks: readonly Track[], duration: Nanoseconds, limit: number): Window[] {
  const end = duration + 1;
  const bins = new Uint32Array(BINS);
  const scale = BINS / end;
  let total = 0;
  const count = (t: Nanoseconds): void => {
    const i = Math.floor(t * scale);
    bins[i] = (bins[i] as number) + 1;
    total++;
  };
  for (const track of tracks) track.advance(Number.POSITIVE_INFINITY, { enter: count, leave: count });
  if (total <= limit) return [{ from: 0, to: end }];
  const out: Window[] = [];
  let from = 0;
  let sum = 0;
  for (let i = 0; i < BINS; i++) {
    const n = bins[i] as number;
    const to = Math.ceil(i / scale);
    if (sum > 0 && sum + n > limit && to > from && to <= duration) {
      out.push({ from, to });
      from = to;
      sum = 0;
    }
    sum += n;
  }
  out.push({ from, to: end });
  return out;
}

/** Reads a track window by window: what is open at the edge is closed there and opened again in the next window. */
export class WindowReader {
  private readonly stack: FrameId[] = [];
  private readonly track: Track;

  constructor(track: Track) {
    this.track = track;
  }

  read(window: Window, last: boolean, visitor: TrackVisitor): void {
    const stack = this.stack;
    for (const f of stack) visitor.enter(window.from, f);
    this.track.advance(last ? Number.POSITIVE_INFINITY : window.to, {
      enter(t, f) {
        stack.push(f);
        visitor.enter(t, f);
      },
      leave(t, f) {
        stack.pop();
        visitor.leave(t, f);
      },
    });
    for (let i = stack.length - 1; i >= 0; i--) visitor.leave(window.to, stack[i] as FrameId);
  }
}
