// SPDX-License-Identifier: MIT
// Instants, counters and flows: growable columns.

import type { Nanoseconds, NodeId, ThreadIndex } from './units.js';

/** Points in time with up to four numbers. What the numbers mean is in the type's `args`. */
export interface InstantType {
  readonly name: string;
  readonly category: string;
  readonly args: readonly InstantArg[];
}

export interface InstantArg {
  readonly name: string;
  /** `enum`: an index into `values`; `name`: an index into Instants.names. */
  readonly format: 'dec' | 'hex' | 'enum' | 'name';
  readonly values?: readonly string[];
}

const ARGS = 4;

export class Instants {
  readonly types: InstantType[] = [];
  length = 0;
  /** Instants not kept because of the bound. */
  dropped = 0;
  time = new Float64Array(64);
  type = new Uint16Array(64);
  thread = new Int32Array(64);
  node = new Int32Array(64);
  /** Four a row. */
  args = new Float64Array(64 * ARGS);
  /** Texts that an argument of format `name` refers to. */
  readonly names: string[] = [];
  private readonly nameIndex = new Map<string, number>();
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  addType(type: InstantType): number {
    return this.types.push(type) - 1;
  }

  name(text: string): number {
    let i = this.nameIndex.get(text);
    if (i === undefined) {
      i = this.names.push(text) - 1;
      this.nameIndex.set(text, i);
    }
    return i;
  }

  add(type: number, t: Nanoseconds, thread: ThreadIndex, node: NodeId, a = 0, b = 0, c = 0, d = 0): void {
    const n = this.length;
    if (n >= this.limit) {
      this.dropped++;
      return;
    }
    if (n === this.time.length) this.widen(n * 2);
    this.time[n] = t;
    this.type[n] = type;
    this.thread[n] = thread;
    this.node[n] = node;
    const k = n * ARGS;
    this.args[k] = a;
    this.args[k + 1] = b;
    this.args[k + 2] = c;
    this.args[k + 3] = d;
    this.length = n + 1;
  }

  /** The arguments of one instant by name; texts as text. */
  argsOf(i: number): Record<string, number | string> {
    const out: Record<string, number | string> = {};
    const type = this.types[this.type[i] as number];
    type?.args.forEach((arg, k) => {
      const v = this.args[i * ARGS + k] as number;
      if (arg.format === 'name') out[arg.name] = this.names[v] ?? '?';
      else if (arg.format === 'enum') out[arg.name] = arg.values?.[v] ?? String(v);
      else out[arg.name] = arg.format === 'hex' ? `0x${v.toString(16)}` : v;
    });
    return out;
  }

  private widen(size: number): void {
    const grow = <T extends Float64Array | Int32Array | Uint16Array>(a: T, n: number): T => {
      const b = new (a.constructor as new (n: number) => T)(n);
      b.set(a);
      return b;
    };
    this.time = grow(this.time, size);
    this.type = grow(this.type, size);
    this.thread = grow(this.thread, size);
    this.node = grow(this.node, size);
    this.args = grow(this.args, size * ARGS);
  }
}

/**
 * A value over time. At most `limit` points are kept: beyond that the recording falls into buckets of equally many changes, of
 * each of which the smallest, the largest and the last value stay, so peaks and troughs do.
 */
export class Counter {
  readonly name: string;
  readonly unit: string;
  time: number[] = [];
  value: number[] = [];
  max = 0;
  last = 0;
  /** By point: which change it was. */
  private nth: number[] = [];
  private changes = 0;
  /** Changes in a bucket. */
  private width = 1;
  private readonly limit: number;

  constructor(name: string, unit: string, limit = 1 << 16) {
    this.name = name;
    this.unit = unit;
    this.limit = limit;
  }

  set(t: Nanoseconds, value: number): void {
    this.last = value;
    if (value > this.max) this.max = value;
    const n = this.changes++;
    this.time.push(t);
    this.value.push(value);
    this.nth.push(n);
    // Between compactions the newest buckets hold all of their changes.
    if (this.time.length < this.limit) return;
    do this.width *= 2;
    while (this.compact() > this.limit / 2);
  }

  /** Returns how many points are left. */
  private compact(): number {
    const { time, value, nth, width } = this;
    const kept: number[] = [];
    for (let i = 0; i < time.length; ) {
      const bucket = Math.floor((nth[i] as number) / width);
      let [low, high, end] = [i, i, i + 1];
      for (; end < time.length && Math.floor((nth[end] as number) / width) === bucket; end++) {
        if ((value[end] as number) < (value[low] as number)) low = end;
        if ((value[end] as number) > (value[high] as number)) high = end;
      }
      kept.push(...new Set([low, high, end - 1].sort((a, b) => a - b)));
      i = end;
    }
    const of = (column: number[]): number[] => kept.map((i) => column[i] as number);
    Object.assign(this, { time: of(time), value: of(value), nth: of(nth) });
    return kept.length;
  }
}

export type FlowKind = 'raise to softirq' | 'schedule to poll' | 'queue to work' | 'wake-up to run';

/** Cause and effect between two points, each on a thread. */
export interface Flow {
  readonly kind: FlowKind;
  readonly fromTime: Nanoseconds;
  readonly fromThread: ThreadIndex;
  readonly toTime: Nanoseconds;
  readonly toThread: ThreadIndex;
}

export class Flows {
  readonly list: Flow[] = [];
  /** Told of each, kept or not. */
  listener: ((flow: Flow) => void) | undefined;
  dropped = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(kind: FlowKind, fromTime: number, fromThread: number, toTime: number, toThread: number): void {
    this.listener?.({ kind, fromTime, fromThread, toTime, toThread });
    if (this.list.length >= this.limit) this.dropped++;
    else this.list.push({ kind, fromTime, fromThread, toTime, toThread });
  }
}
