// SPDX-License-Identifier: MIT
// A part of a trace, as if nothing else had been recorded: a stretch of time, some of the threads. Calls that are open when
// the stretch begins are cut there. Time 0 is the beginning of the stretch.

import { type EventBatch, KIND, type Nanoseconds, type Trace } from '../../tracer/decode/types.js';
import { findEvent } from './event-args.js';
import { INTERVAL_EVENTS } from './intervals.js';

export interface TraceFilter {
  readonly from?: Nanoseconds;
  readonly to?: Nanoseconds;
  /** By name, and by thread id. */
  readonly thread?: (name: string, tid: number) => boolean;
  /** Leaves out calls that took less from entry to exit. */
  readonly minDuration?: Nanoseconds;
}

/** Whether it leaves out a stretch of time or threads: what was made outside of the part is not known then. */
export function isPart({ from, to, thread }: TraceFilter): boolean {
  return from !== undefined || to !== undefined || thread !== undefined;
}

/** What is open: calls, and what events have opened (an interrupt, a softirq, a timer's function, a work item). */
interface OpenRow {
  readonly kind: number;
  readonly id: number;
  readonly arg: number;
  readonly payload: Uint32Array | undefined;
}

interface Open {
  readonly rows: OpenRow[];
  shown: boolean;
}

/** Where the events from `time` on begin. */
function indexOf(ts: Float64Array, count: number, time: Nanoseconds): number {
  let [low, high] = [0, count];
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((ts[mid] as number) < time) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** The number of the event that opens, by that of the one that closes, and the ones that open. */
interface Pairs {
  readonly opens: ReadonlySet<number>;
  readonly closes: ReadonlyMap<number, number>;
}

function pairsOf(trace: Trace): Pairs {
  const closes = new Map<number, number>();
  for (const [entry, exit] of INTERVAL_EVENTS) {
    const [from, to] = [findEvent(trace, entry), findEvent(trace, exit)];
    if (from !== undefined && to !== undefined) closes.set(to.id, from.id);
  }
  return { opens: new Set(closes.values()), closes };
}

function rowOf(b: EventBatch, i: number): OpenRow {
  const start = b.payloadStart[i] as number;
  const words = start === 0 ? undefined : b.payload.slice(start, start + (b.payload[start - 1] as number));
  return { kind: b.kind[i] as number, id: b.id[i] as number, arg: b.arg[i] as number, payload: words };
}

function remember({ rows }: Open, b: EventBatch, until: number, { opens, closes }: Pairs): void {
  for (let i = 0; i < until; i++) {
    const kind = b.kind[i] as number;
    const id = b.id[i] as number;
    if (kind === KIND.entry || (kind === KIND.event && opens.has(id))) rows.push(rowOf(b, i));
    else if (kind === KIND.exit) {
      if (rows.at(-1)?.kind === KIND.entry) rows.pop();
    } else if (closes.has(id)) {
      const at = rows.findLastIndex((row) => row.kind === KIND.event && row.id === closes.get(id));
      // What an interrupt called has ended with it.
      if (at >= 0) rows.length = at;
    }
  }
}

/** The beginnings of what is open when the stretch begins. */
function opened(b: EventBatch, { rows }: Open): EventBatch {
  const n = rows.length;
  const payload: number[] = [];
  const starts = rows.map((row) => {
    if (row.payload === undefined) return 0;
    payload.push(row.payload.length);
    const start = payload.length;
    payload.push(...row.payload);
    return start;
  });
  return {
    thread: b.thread,
    count: n,
    ts: new Float64Array(n),
    kind: Uint8Array.from(rows, (row) => row.kind),
    flags: new Uint8Array(n),
    id: Uint32Array.from(rows, (row) => row.id),
    arg: Uint32Array.from(rows, (row) => row.arg),
    payload: Uint32Array.from(payload),
    payloadStart: Uint32Array.from(starts),
    lostBefore: 0,
  };
}

function cut(b: EventBatch, first: number, end: number, from: Nanoseconds): EventBatch {
  return {
    thread: b.thread,
    count: end - first,
    ts: b.ts.subarray(first, end).map((t) => t - from),
    kind: b.kind.subarray(first, end),
    flags: b.flags.subarray(first, end),
    id: b.id.subarray(first, end),
    arg: b.arg.subarray(first, end),
    payload: b.payload,
    payloadStart: b.payloadStart.subarray(first, end),
    lostBefore: first === 0 ? b.lostBefore : 0,
  };
}

const NOTHING: Trace['totals'] = {
  produced: 0,
  recorded: 0,
  lost: 0,
  filtered: 0,
  unreadable: 0,
  orphanExits: 0,
  syntheticExits: 0,
};

/** Reads in time order only; `totals` are those of the part, and whole when it has been read. */
export function partOf(trace: Trace, filter: TraceFilter): Trace {
  const from = Math.max(0, filter.from ?? 0);
  const to = Math.min(trace.duration, filter.to ?? trace.duration);
  const pairs = pairsOf(trace);
  const totals: { -readonly [K in keyof Trace['totals']]: number } = { ...NOTHING };
  const wanted = trace.threads.map((t) => filter.thread?.(t.name, t.tid) ?? true);
  return {
    ...trace,
    // Getters and methods of a class are not copied.
    path: trace.path,
    metadata: trace.metadata,
    threads: trace.threads.map(({ exit, ...t }) =>
      exit === undefined || exit > to ? t : { ...t, exit: Math.max(0, exit - from) },
    ),
    sites: trace.sites,
    eventById: trace.eventById,
    enums: trace.enums,
    startTime: trace.startTime + from / 1e6,
    duration: Math.max(0, to - from),
    nsPerTick: trace.nsPerTick,
    complete: trace.complete,
    // Counted while it is read: what the whole file holds is not the part's.
    get totals() {
      return { ...totals };
    },
    forEachBatch(callback) {
      Object.assign(totals, NOTHING);
      const open: Open[] = trace.threads.map(() => ({ rows: [], shown: false }));
      trace.forEachBatch(
        (b) => {
          if (b.count === 0) return;
          if ((b.ts[0] as number) > to) return false;
          const state = open[b.thread.index];
          if (state === undefined || wanted[b.thread.index] !== true) return;
          if (b.lostBefore > 0) state.rows.length = 0;
          const first = state.shown ? 0 : indexOf(b.ts, b.count, from);
          if (!state.shown) remember(state, b, first, pairs);
          const end = indexOf(b.ts, b.count, to + 1);
          if (end <= first) return;
          if (!state.shown && state.rows.length > 0 && callback(opened(b, state)) === false) return false;
          state.shown = true;
          const part = cut(b, first, end, from);
          totals.recorded += part.count;
          totals.lost += part.lostBefore;
          totals.produced = totals.recorded + totals.lost;
          return callback(part);
        },
        { order: 'time' },
      );
    },
    events: (options) => trace.events(options),
    close: () => trace.close(),
  };
}
