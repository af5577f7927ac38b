// SPDX-License-Identifier: MIT
// A trace without its short calls: as if they had not been recorded. What happened inside of them belongs to their callers.
//
// Two passes: how long a call takes is known only at its end, and nothing may be given out of order. The first marks the short
// calls, one bit each; a call is shorter than the one that it stands in, so none is left without its caller.

import {
  type BatchOptions,
  type EventBatch,
  FLAG,
  KIND,
  type Nanoseconds,
  type Trace,
} from '../../tracer/decode/types.js';

/** Bits by number of the call in its thread. */
class Bits {
  private bits = new Uint8Array(1024);

  set(i: number): void {
    if (i >> 3 >= this.bits.length) {
      const wider = new Uint8Array(Math.max(this.bits.length * 2, (i >> 3) + 1));
      wider.set(this.bits);
      this.bits = wider;
    }
    this.bits[i >> 3] = (this.bits[i >> 3] as number) | (1 << (i & 7));
  }

  has(i: number): boolean {
    return (((this.bits[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  }
}

/** The calls of each thread that took less. One whose end was made up may have taken longer: it stays. */
function shortCalls(trace: Trace, min: Nanoseconds, options: BatchOptions | undefined): Bits[] {
  const threads = trace.threads.map(() => ({
    short: new Bits(),
    calls: 0,
    open: [] as number[],
    began: [] as number[],
  }));
  trace.forEachBatch((b) => {
    const t = threads[b.thread.index];
    if (t === undefined) return;
    for (let i = 0; i < b.count; i++) {
      if (b.kind[i] === KIND.entry) {
        t.open.push(t.calls++);
        t.began.push(b.ts[i] as number);
      } else if (b.kind[i] === KIND.exit) {
        const call = t.open.pop();
        const took = (b.ts[i] as number) - (t.began.pop() ?? 0);
        if (call !== undefined && took < min && ((b.flags[i] as number) & FLAG.synthetic) === 0) t.short.set(call);
      }
    }
  }, options);
  return threads.map((t) => t.short);
}

interface Place {
  calls: number;
  /** Of the open calls: shall their exits be left out? */
  readonly open: boolean[];
}

function keep(b: EventBatch, short: Bits, place: Place): EventBatch {
  const rows: number[] = [];
  for (let i = 0; i < b.count; i++) {
    if (b.kind[i] === KIND.entry) {
      const drop = short.has(place.calls++);
      place.open.push(drop);
      if (!drop) rows.push(i);
    } else if (b.kind[i] !== KIND.exit || place.open.pop() !== true) rows.push(i);
  }
  if (rows.length === b.count) return b;
  const n = rows.length;
  const ts = new Float64Array(n);
  const [kind, flags] = [new Uint8Array(n), new Uint8Array(n)];
  const [id, arg, payloadStart] = [new Uint32Array(n), new Uint32Array(n), new Uint32Array(n)];
  rows.forEach((i, k) => {
    ts[k] = b.ts[i] as number;
    kind[k] = b.kind[i] as number;
    flags[k] = b.flags[i] as number;
    id[k] = b.id[i] as number;
    arg[k] = b.arg[i] as number;
    payloadStart[k] = b.payloadStart[i] as number;
  });
  const { thread, payload, lostBefore } = b;
  return { thread, count: n, ts, kind, flags, id, arg, payload, payloadStart, lostBefore };
}

/** Only calls that took at least `min` from entry to exit; all typed events. */
export function withoutShortCalls(trace: Trace, min: Nanoseconds): Trace {
  return {
    ...trace,
    // What recording the calls that are left out cost is in the times of their callers, and nobody knows it any more.
    cost: undefined,
    get totals() {
      return trace.totals;
    },
    forEachBatch(callback, options) {
      const short = shortCalls(trace, min, options);
      const places: Place[] = trace.threads.map(() => ({ calls: 0, open: [] }));
      trace.forEachBatch((b) => {
        const [bits, place] = [short[b.thread.index], places[b.thread.index]];
        return bits === undefined || place === undefined ? undefined : callback(keep(b, bits, place));
      }, options);
    },
    events: (options) => trace.events(options),
    close: () => trace.close(),
  };
}
