// SPDX-License-Identifier: MIT
// Batches of one thread, and the merge of all threads by time.
import type { EventsRef } from './chunks.js';
import { ThreadColumns } from './columns.js';
import type { EventBatch, TraceThread } from './types.js';

export interface CursorSource {
  readonly thread: TraceThread;
  readonly chunks: readonly EventsRef[];
  /** When the frames that are open at the end end. */
  readonly end: number;
  readonly nsPerTick: number;
  start(ref: EventsRef): number;
  body(ref: EventsRef): Uint8Array | undefined;
  bad(ref: EventsRef): void;
  site(max: number): void;
}

type MutableBatch = { -readonly [K in keyof EventBatch]: EventBatch[K] };

const NO_EVENTS = new ThreadColumns();

/** Walks through the events of one thread, one chunk at a time. */
export class BatchCursor {
  columns = new ThreadColumns();
  readonly batch: MutableBatch;
  readonly #source: CursorSource;
  #chunk = 0;
  /** Events that the chunks so far account for: recorded and lost. */
  #recorded = 0;
  #lost = 0;
  #missing = 0;
  #ended = false;

  constructor(source: CursorSource) {
    this.#source = source;
    this.batch = {
      thread: source.thread,
      count: 0,
      ts: NO_EVENTS.ts,
      kind: NO_EVENTS.kind,
      flags: NO_EVENTS.flags,
      id: NO_EVENTS.id,
      arg: NO_EVENTS.arg,
      payload: NO_EVENTS.payload,
      payloadStart: NO_EVENTS.payloadStart,
      lostBefore: 0,
    };
  }

  /** Fills `batch` with the next events; false at the end. */
  next(): boolean {
    const { chunks } = this.#source;
    while (this.#chunk < chunks.length) {
      const ref = chunks[this.#chunk] as EventsRef;
      const gap = ref.recordedStart - this.#recorded + (ref.lostStart - this.#lost) + this.#missing;
      // Nobody knows what happened in a gap: the frames that are open end before it.
      if (gap > 0 && this.columns.open > 0) {
        this.columns.closeAll(this.columns.last);
        return this.#give(0);
      }
      this.#chunk++;
      this.#recorded = ref.recordedStart + ref.count;
      this.#lost = ref.lostStart;
      const body = this.#source.body(ref);
      if (!body || !this.columns.decode(ref, body, this.#source.start(ref), this.#source.nsPerTick)) {
        this.#source.bad(ref);
        this.#missing = gap + ref.count;
        continue;
      }
      this.#missing = 0;
      this.#source.site(this.columns.maxSite);
      return this.#give(gap);
    }
    if (this.#ended) return false;
    this.#ended = true;
    return this.columns.closeAll(this.#source.end) > 0 && this.#give(0);
  }

  /** Gives the memory back; the counts stay. */
  release(): void {
    const { orphanExits, syntheticExits } = this.columns;
    this.columns = new ThreadColumns();
    this.columns.orphanExits = orphanExits;
    this.columns.syntheticExits = syntheticExits;
  }

  #give(lostBefore: number): true {
    const { columns, batch } = this;
    batch.count = columns.count;
    batch.ts = columns.ts;
    batch.kind = columns.kind;
    batch.flags = columns.flags;
    batch.id = columns.id;
    batch.arg = columns.arg;
    batch.payload = columns.payload;
    batch.payloadStart = columns.payloadStart;
    batch.lostBefore = lostBefore;
    return true;
  }
}

/** A cursor and the place in its batch. */
interface Lane {
  readonly cursor: BatchCursor;
  at: number;
  time: number;
}

/** The first index in ts[from, to) whose value is above `limit`. */
function firstAbove(ts: Float64Array, from: number, to: number, limit: number): number {
  // Runs are short against batches: gallop, then halve.
  let step = 1;
  let low = from;
  while (low + step < to && (ts[low + step] as number) <= limit) {
    low += step;
    step *= 2;
  }
  let high = Math.min(to, low + step);
  while (low < high) {
    const mid = (low + high) >>> 1;
    if ((ts[mid] as number) <= limit) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Fills a lane with its cursor's next events; false when there are none. */
function refill(lane: Lane): boolean {
  while (lane.cursor.next()) {
    if (lane.cursor.batch.count === 0) continue;
    lane.at = 0;
    lane.time = lane.cursor.batch.ts[0] as number;
    return true;
  }
  lane.cursor.release();
  return false;
}

/** The events of one cursor after the other. */
export function* batchesByThread(cursors: readonly BatchCursor[]): Generator<EventBatch> {
  for (const cursor of cursors) {
    while (cursor.next()) yield cursor.batch;
    cursor.release();
  }
}

/** The events [from, to) of a batch. */
export interface Run {
  batch: EventBatch;
  from: number;
  to: number;
}

/** The events of all cursors in the order of time, as runs of one thread. The object is the same each time. */
export function* runsByTime(cursors: readonly BatchCursor[]): Generator<Run> {
  const run = {} as Run;
  // A binary heap by time of the next event; for equal times by thread, so that the order is defined.
  const heap: Lane[] = [];
  const before = (a: Lane, b: Lane): boolean =>
    a.time < b.time || (a.time === b.time && a.cursor.batch.thread.index < b.cursor.batch.thread.index);
  const sink = (from: number): void => {
    let i = from;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && before(heap[child] as Lane, heap[least] as Lane)) least = child;
      }
      if (least === i) return;
      const lane = heap[i] as Lane;
      heap[i] = heap[least] as Lane;
      heap[least] = lane;
      i = least;
    }
  };
  for (const cursor of cursors) {
    const lane = { cursor, at: 0, time: 0 };
    if (refill(lane)) heap.push(lane);
  }
  for (let i = heap.length >> 1; i >= 0; i--) sink(i);

  while (heap.length > 0) {
    const lane = heap[0] as Lane;
    const { batch } = lane.cursor;
    const limit = Math.min(heap[1]?.time ?? Number.POSITIVE_INFINITY, heap[2]?.time ?? Number.POSITIVE_INFINITY);
    const to = Math.max(lane.at + 1, firstAbove(batch.ts, lane.at, batch.count, limit));
    run.batch = batch;
    run.from = lane.at;
    run.to = to;
    yield run;
    lane.at = to;
    if (to < batch.count) {
      lane.time = batch.ts[to] as number;
    } else if (!refill(lane)) {
      const last = heap.pop() as Lane;
      if (last !== lane) heap[0] = last;
    }
    sink(0);
  }
}

/** A part of a batch as a batch. */
export function slice(batch: EventBatch, from: number, to: number): EventBatch {
  if (from === 0 && to === batch.count) return batch;
  return {
    thread: batch.thread,
    count: to - from,
    ts: batch.ts.subarray(from, to),
    kind: batch.kind.subarray(from, to),
    flags: batch.flags.subarray(from, to),
    id: batch.id.subarray(from, to),
    arg: batch.arg.subarray(from, to),
    payload: batch.payload,
    payloadStart: batch.payloadStart.subarray(from, to),
    lostBefore: from === 0 ? batch.lostBefore : 0,
  };
}
