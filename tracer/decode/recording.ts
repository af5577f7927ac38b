// SPDX-License-Identifier: MIT
// A recording for scripts: handlers by the name of an event or function, which get rows of events with their arguments by name.
// This is what `import { openRecording } from 'dde-profile/decode'` gives, and what `dde-profile script` runs on. Its names and their
// meaning change with a major version only.

import { enumName, isNumeric, numericArg, otherArg, siteArgValue, siteArgWord, symbolName } from './args.js';
import type { EventArgs } from './event-types.gen.js';
import { openTrace } from './trace.js';
import {
  type EventBatch,
  FLAG,
  KIND,
  type Nanoseconds,
  type PlacedEvent,
  type Trace,
  type TraceEvent,
  type TraceMetadata,
  type TraceSite,
  type TraceThread,
} from './types.js';

type Value = number | string;
type Read = (batch: EventBatch, i: number) => Value | undefined;

/**
 * Events of one kind in a row, on one thread. Valid only while the handler runs: the next rows come in the same object.
 * k goes from 0 to count - 1.
 */
export interface EventRows<A = Readonly<Record<string, Value>>> {
  /** Of the event or function. */
  readonly name: string;
  readonly thread: TraceThread;
  readonly count: number;
  /** Time of event k, ns since the begin of the recording. */
  ts(k: number): Nanoseconds;
  /** An argument of event k. Of a call undefined when it was not recorded; `ret` of an exit is what the call returned. */
  arg<N extends keyof A & string>(name: N, k: number): A[N];
  /** All arguments of event k, as an object: slower. */
  args(k: number): A;
  /** True for an exit that was not recorded: events were lost, or the recording ended within the call. */
  synthetic(k: number): boolean;
}

export type EventHandler<A = Readonly<Record<string, Value>>> = (rows: EventRows<A>) => void;
export type CallHandler = EventHandler<Readonly<Record<string, Value | undefined>>>;

/**
 * By `SYSTEM:EVENT` (`dma:dma_map`; also a tracepoint of the kernel that was recorded by name), and for calls by `entry:FUNCTION` and
 * `exit:FUNCTION`; `entry:*` and `exit:*` are all functions that have no handler of their own.
 */
export type Handlers = {
  readonly [E in keyof EventArgs]?: EventHandler<EventArgs[E]>;
} & {
  readonly [call: `entry:${string}` | `exit:${string}`]: CallHandler | undefined;
} & {
  // biome-ignore lint/suspicious/noExplicitAny: events of the kernel's own tracepoints, which no table of ours knows.
  readonly [event: string]: EventHandler<any> | undefined;
};

export interface ForEachOptions {
  /**
   * 'time' (default): handlers are called in the order of time over all threads. 'thread': one thread after the other, faster; in the
   * order of time within each.
   */
  readonly order?: 'time' | 'thread';
}

/** What one handler listens to: an event or a function. */
class Source implements EventRows {
  readonly name: string;
  readonly handler: EventHandler;
  count = 0;
  batch: EventBatch | undefined;
  rows = new Uint32Array(64);
  private readonly readers: ReadonlyMap<string, Read>;

  constructor(name: string, handler: EventHandler, readers: ReadonlyMap<string, Read>) {
    this.name = name;
    this.handler = handler;
    this.readers = readers;
  }

  get thread(): TraceThread {
    return (this.batch as EventBatch).thread;
  }

  add(i: number): void {
    if (this.count === this.rows.length) {
      const wider = new Uint32Array(this.rows.length * 2);
      wider.set(this.rows);
      this.rows = wider;
    }
    this.rows[this.count++] = i;
  }

  ts(k: number): number {
    return (this.batch as EventBatch).ts[this.rows[k] as number] as number;
  }

  arg(name: string, k: number): Value {
    const read = this.readers.get(name);
    if (read === undefined) {
      const known = [...this.readers.keys()].join(', ');
      throw new RangeError(`${this.name} has no argument "${name}" (it has: ${known === '' ? 'none' : known})`);
    }
    return read(this.batch as EventBatch, this.rows[k] as number) as Value;
  }

  args(k: number): Readonly<Record<string, Value>> {
    const out: Record<string, Value> = {};
    for (const [name, read] of this.readers) {
      const value = read(this.batch as EventBatch, this.rows[k] as number);
      if (value !== undefined) out[name] = value;
    }
    return out;
  }

  synthetic(k: number): boolean {
    return (((this.batch as EventBatch).flags[this.rows[k] as number] as number) & FLAG.synthetic) !== 0;
  }
}

function eventReaders(trace: Trace, event: PlacedEvent): Map<string, Read> {
  return new Map(
    event.args.map((arg): [string, Read] => {
      if (!isNumeric(arg)) return [arg.name, (b, i) => otherArg(arg, b, i)];
      if (arg.format !== 'enum') return [arg.name, (b, i) => numericArg(arg, b, i)];
      const names = trace.enums[arg.enum ?? ''] ?? [];
      return [arg.name, (b, i) => names[numericArg(arg, b, i)] ?? String(numericArg(arg, b, i))];
    }),
  );
}

function entryReaders(trace: Trace, site: TraceSite): Map<string, Read> {
  const readers = new Map<string, Read>();
  for (const arg of site.args ?? []) {
    readers.set(arg.name, (b, i) => {
      const word = siteArgWord(arg, b, i);
      if (word === undefined) return undefined;
      const value = siteArgValue(arg, word);
      return enumName(trace, arg, value) ?? value;
    });
  }
  return readers;
}

function exitReaders(trace: Trace, site: TraceSite): Map<string, Read> {
  const { returns } = site;
  if (returns === undefined) return new Map();
  const read: Read = (b, i) => {
    if (b.flags[i] !== 0) return undefined;
    const value = siteArgValue(returns, b.arg[i] as number);
    return enumName(trace, returns, value) ?? value;
  };
  return new Map([['ret', read]]);
}

/** Who listens to what, by kind and number. */
class Listeners {
  private readonly trace: Trace;
  private readonly handlers: Handlers;
  private readonly known: (Source | null | undefined)[][] = [[], [], [], []];

  constructor(trace: Trace, handlers: Handlers) {
    this.trace = trace;
    this.handlers = handlers;
    const names = new Set([...trace.eventById.values()].map((event) => event.name));
    for (const name of Object.keys(handlers)) {
      if (/^(entry|exit):/.test(name) || names.has(name)) continue;
      throw new RangeError(`no event "${name}" in this recording; calls are entry:FUNCTION and exit:FUNCTION`);
    }
  }

  of(kind: number, id: number): Source | null {
    const list = this.known[kind] as (Source | null | undefined)[];
    let source = list[id];
    if (source === undefined) {
      source = this.make(kind, id);
      list[id] = source;
    }
    return source;
  }

  private make(kind: number, id: number): Source | null {
    const { trace, handlers } = this;
    if (kind === KIND.event) {
      const event = trace.eventById.get(id);
      const handler = event && handlers[event.name];
      return handler === undefined
        ? null
        : new Source(event?.name ?? '', handler, eventReaders(trace, event as PlacedEvent));
    }
    const site = trace.sites[id];
    if (site === undefined) return null;
    const what = kind === KIND.entry ? 'entry' : 'exit';
    const handler = handlers[`${what}:${site.name}`] ?? handlers[`${what}:*`];
    if (handler === undefined) return null;
    const readers = kind === KIND.entry ? entryReaders(trace, site) : exitReaders(trace, site);
    return new Source(site.name, handler as EventHandler, readers);
  }
}

export class Recording {
  /** The decoder below it: batches of all events as columns. */
  readonly trace: Trace;

  constructor(trace: Trace) {
    this.trace = trace;
  }

  get metadata(): TraceMetadata {
    return this.trace.metadata;
  }
  get threads(): readonly TraceThread[] {
    return this.trace.threads;
  }
  get duration(): Nanoseconds {
    return this.trace.duration;
  }

  /** `function+0x1c`, or the address in hex when no symbol holds it. */
  symbol(address: number): string {
    return symbolName(this.trace, address);
  }

  /**
   * Reads the recording once and calls the handlers. Memory does not grow with its length.
   * @throws RangeError for the name of an event or argument that the recording does not know
   */
  forEach(handlers: Handlers, { order = 'time' }: ForEachOptions = {}): void {
    const listeners = new Listeners(this.trace, handlers);
    let open: Source | undefined;
    const flush = (): void => {
      if (open === undefined) return;
      const source = open;
      open = undefined;
      source.handler(source);
      source.count = 0;
    };
    const visit = (batch: EventBatch, from: number, to: number): void => {
      const { kind, id } = batch;
      for (let i = from; i < to; i++) {
        const source = listeners.of(kind[i] as number, id[i] as number);
        if (source === null) continue;
        if (source !== open) {
          flush();
          open = source;
          source.batch = batch;
        }
        source.add(i);
      }
      flush();
    };
    if (order === 'time' && this.trace.forEachRun !== undefined) this.trace.forEachRun(visit);
    else this.trace.forEachBatch((batch) => visit(batch, 0, batch.count), { order });
  }

  /** One object an event: convenient, and slow. */
  events(options: ForEachOptions = {}): Generator<TraceEvent> {
    return this.trace.events({ order: options.order ?? 'time' });
  }

  close(): void {
    this.trace.close();
  }
}

/**
 * Opens a trace file. Damage inside it is no error: see `trace.corrupt` and `trace.totals`.
 * @throws TraceError when it is no trace file
 */
export function openRecording(path: string): Recording {
  return new Recording(openTrace(path));
}
