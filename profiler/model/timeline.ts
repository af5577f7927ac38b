// SPDX-License-Identifier: MIT
// The calls of one thread in time order: 8 bytes an event, in chunks.
// The builder guarantees what every viewer asks for: time never runs back, calls nest, and whatever is opened is closed.

import type { FrameId, Nanoseconds } from './units.js';

export interface Chunk {
  /** Events' times are `base + dt[i]`. */
  readonly base: Nanoseconds;
  n: number;
  readonly dt: Uint32Array;
  /** Frame f is entered: f. It is left: ~f. */
  readonly code: Int32Array;
}

const FIRST = 256;
const LARGEST = 1 << 16;

export class Timeline {
  readonly chunks: Chunk[] = [];
  length = 0;
  private last: Chunk = { base: 0, n: 0, dt: new Uint32Array(0), code: new Int32Array(0) };

  enter(t: Nanoseconds, frame: FrameId): void {
    this.push(t, frame);
  }

  leave(t: Nanoseconds, frame: FrameId): void {
    this.push(t, ~frame);
  }

  push(t: Nanoseconds, code: number): void {
    let c = this.last;
    let d = t - c.base;
    if (c.n === c.dt.length || d > 0xffffffff) {
      c = this.grow(t);
      d = 0;
    }
    const n = c.n;
    c.dt[n] = d;
    c.code[n] = code;
    c.n = n + 1;
    this.length++;
  }

  private grow(t: Nanoseconds): Chunk {
    const size = Math.min(LARGEST, Math.max(FIRST, this.length));
    const c: Chunk = { base: t, n: 0, dt: new Uint32Array(size), code: new Int32Array(size) };
    this.chunks.push(c);
    this.last = c;
    return c;
  }

  /** Every event in order; `code` as in Chunk. */
  forEach(visit: (t: Nanoseconds, code: number) => void): void {
    for (const c of this.chunks) {
      for (let i = 0; i < c.n; i++) visit(c.base + (c.dt[i] as number), c.code[i] as number);
    }
  }

  get start(): Nanoseconds {
    return this.chunks[0]?.base ?? 0;
  }

  get end(): Nanoseconds {
    const c = this.chunks[this.chunks.length - 1];
    return c === undefined || c.n === 0 ? 0 : c.base + (c.dt[c.n - 1] as number);
  }
}

/** Steps through a timeline; for merging several. */
export class TimelineCursor {
  t: Nanoseconds = 0;
  code = 0;
  private chunk = 0;
  private i = -1;

  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  /** The chunk in which the event stands, and its place there. */
  get at(): Chunk {
    return this.timeline.chunks[this.chunk] as Chunk;
  }

  get index(): number {
    return this.i;
  }

  /** Goes to an event of the same chunk, or to the first of the next one. */
  seek(index: number): boolean {
    this.i = index - 1;
    return this.next();
  }

  next(): boolean {
    let c = this.timeline.chunks[this.chunk];
    if (c === undefined) return false;
    this.i++;
    while (this.i >= c.n) {
      c = this.timeline.chunks[++this.chunk];
      if (c === undefined) return false;
      this.i = 0;
    }
    this.t = c.base + (c.dt[this.i] as number);
    this.code = c.code[this.i] as number;
    return true;
  }
}
