// SPDX-License-Identifier: MIT
// A part of a trace, as if nothing else had been recorded: a stretch of time, some of the threads. Calls that are open when
// the stretch begins are cut there. Time 0 is the beginning of the stretch.

import { type EventBatch, KIND, type Nanoseconds, type Trace } from '../../tracer/decode/types.js';

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

interface Open {
  readonly sites: number[];
  readonly args: number[];
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

function remember(open: Open, b: EventBatch, until: number): void {
  for (let i = 0; i < until; i++) {
    if (b.kind[i] === KIND.entry) {
      open.sites.push(b.id[i] as number);
      open.args.push(b.arg[i] as number);
    } else if (b.kind[i] === KIND.exit) {
      open.sites.pop();
      open.args.pop();
    }
  }
}

/** The entries of what is open when the stretch begins. */
function opened(b: EventBatch, { sites, args }: Open): EventBatch {
  const n = sites.length;
  return {
    thread: b.thread,
    count: n,
    ts: new Float64Array(n),
    kind: new Uint8Array(n).fill(KIND.entry),
    flags: new Uint8Array(n),
    id: Uint32Array.from(sites),
    arg: Uint32Array.from(args),
    payload: new Uint32Array(0),
    payloadStart: new Uint32Array(n),
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

/** Reads in time order only. */
export function partOf(trace: Trace, filter: TraceFilter): Trace {
  const from = Math.max(0, filter.from ?? 0);
  const to = Math.min(trace.duration, filter.to ?? trace.duration);
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
    get totals() {
      return trace.totals;
    },
    forEachBatch(callback) {
      const open: Open[] = trace.threads.map(() => ({ sites: [], args: [], shown: false }));
      trace.forEachBatch(
        (b) => {
          if (b.count === 0) return;
          if ((b.ts[0] as number) > to) return false;
          const state = open[b.thread.index];
          if (state === undefined || wanted[b.thread.index] !== true) return;
          if (b.lostBefore > 0) state.sites.length = state.args.length = 0;
          const first = state.shown ? 0 : indexOf(b.ts, b.count, from);
          if (!state.shown) remember(state, b, first);
          const end = indexOf(b.ts, b.count, to + 1);
          if (end <= first) return;
          if (!state.shown && state.sites.length > 0 && callback(opened(b, state)) === false) return false;
          state.shown = true;
          return callback(cut(b, first, end, from));
        },
        { order: 'time' },
      );
    },
    events: (options) => trace.events(options),
    close: () => trace.close(),
  };
}
