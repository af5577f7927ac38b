// SPDX-License-Identifier: MIT
// The decoder's types: what a trace file gives to the profiler. No I/O here.
import type { PlacedEvent } from '../format/layout.js';

export type { ArgFormat, ArgType, PlacedArg, PlacedEvent } from '../format/layout.js';

/** Time since the start of the trace. A double: exact to below 1 ns for 104 days. */
export type Nanoseconds = number;

/** The values of `EventBatch.kind`. */
export const KIND = { entry: 1, exit: 2, event: 3 } as const;

/** The bits of `EventBatch.flags`. */
export const FLAG = {
  /** An exit that the decoder made up: the real one was lost, or the frame was still open at the end. `arg` is 0. */
  synthetic: 1,
} as const;

/** One argument of a function, or what it returns. */
export interface SiteArg {
  readonly name: string;
  /** As C has it: `struct sk_buff *`. */
  readonly type: string;
  /** Where its value stands: 0 = the event's `arg`, 1 to 5 = word of the payload. Left out: not recorded. */
  readonly word?: number;
  readonly format: 'dec' | 'hex' | 'sym' | 'enum';
  /** Width in bits, up to 32: what lies above in the recorded word is nothing. */
  readonly bits: number;
  readonly signed?: boolean;
  /** Format `enum`: key of `siteEnums` in the metadata. */
  readonly enum?: string;
}

/** A place where entries and exits are recorded: one row of the build's sites.json. */
export interface TraceSite {
  readonly i: number;
  readonly kind: 'api' | 'driver' | 'core';
  readonly name: string;
  readonly addr: number;
  readonly target?: number;
  /** A function that the core calls through a pointer (ndo_*, NAPI poll, interrupt handler ...). */
  readonly callback?: boolean;
  readonly file?: string;
  readonly line?: number;
  /** From the debug information of the executable. */
  readonly args?: readonly SiteArg[];
  /** What an exit's `arg` is; not there for a function that returns nothing, or of which nothing is known. */
  readonly returns?: SiteArg;
}

export type ThreadRole = 'other' | 'boot' | 'irq' | 'softirq' | 'timer' | 'work' | 'kthread' | 'workload' | 'idle';

export interface TraceThread {
  /** Position in `Trace.threads`. */
  readonly index: number;
  /** Unique in the recorded process; thread ids can come again, this cannot. */
  readonly uid: number;
  /** The operating system's thread id. */
  readonly tid: number;
  /** The last name it had. */
  readonly name: string;
  readonly role: ThreadRole;
  /** Undefined when it was still running at the end. */
  readonly exit?: Nanoseconds;
  /**
   * produced = recorded + lost + filtered + unreadable, exactly (unless the recording was killed: then produced counts what is
   * known).
   */
  readonly produced: number;
  readonly recorded: number;
  readonly lost: number;
  /** Entries and exits that the recorder left out, since the call was shorter than `minDuration`. */
  readonly filtered: number;
  /** Events that the file once held and that cannot be read (corruption). */
  readonly unreadable: number;
}

/** A stretch of the file that could not be read. */
export interface CorruptRegion {
  readonly offset: number;
  readonly length: number;
  readonly reason: string;
}

export interface TraceTotals {
  readonly produced: number;
  readonly recorded: number;
  readonly lost: number;
  readonly filtered: number;
  readonly unreadable: number;
  /** Known only after a full pass: exits without an entry, which are left out. */
  readonly orphanExits: number;
  /** Known only after a full pass: exits that the decoder made up. */
  readonly syntheticExits: number;
}

/** The tracer's own cost, measured in the driver process; subtract it on request. */
export interface TraceCost {
  /** What one entry+exit pair adds to the caller. */
  readonly pair: Nanoseconds;
  /** The part of it between the two time stamps (adds to the function itself). */
  readonly inner: Nanoseconds;
  /** One typed event. */
  readonly event: Nanoseconds;
  /** What the arguments of an entry add to `pair`. */
  readonly args: Nanoseconds;
}

/** What `record` puts into the file. Every field may be missing in a trace that was made by something else. */
export interface TraceMetadata {
  readonly driver?: string;
  readonly kernelVersion?: string;
  readonly buildId?: string;
  readonly sourceRoot?: string;
  readonly workload?: string;
  /** Calls that took less were left out when recording. */
  readonly minDuration?: Nanoseconds;
  readonly host?: Readonly<Record<string, unknown>>;
  readonly sites?: readonly TraceSite[];
  /** Names of the values of enums: by the enum's name, then by the value in decimal digits. */
  readonly siteEnums?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Sorted by address; for the callers and functions in arguments of format `sym`. */
  readonly symbols?: readonly TraceSymbol[];
  readonly [key: string]: unknown;
}

export interface TraceSymbol {
  readonly addr: number;
  readonly size: number;
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
}

/**
 * Events of one thread, in time order, as columns. The arrays are reused: copy what must live longer than the callback, and
 * look only at the first `count` elements.
 *
 * Entries and exits are balanced: every exit matches the innermost open entry of its thread, and every entry gets its exit
 * (flag `synthetic` when the decoder had to make it up), so a consumer needs a stack and no special cases.
 */
export interface EventBatch {
  readonly thread: TraceThread;
  readonly count: number;
  readonly ts: Float64Array;
  /** KIND.entry, KIND.exit or KIND.event. */
  readonly kind: Uint8Array;
  readonly flags: Uint8Array;
  /** Entry and exit: index into `Trace.sites`. Event: its number, see `Trace.eventById`. */
  readonly id: Uint32Array;
  /** Entry: low 32 bits of the first argument. Exit: those of the return value. Event: word 0. */
  readonly arg: Uint32Array;
  /**
   * Word w (from 1) of typed event n is `payload[payloadStart[n] + w - 1]`; `payload[payloadStart[n] - 1]` says how many words
   * there are. Argument w (from 1) of entry n likewise; an entry that recorded its first argument only has `payloadStart` 0. That of
   * an exit means nothing.
   */
  readonly payload: Uint32Array;
  readonly payloadStart: Uint32Array;
  /** Events lost (ring full, or unreadable) directly before the first event of this batch: draw a gap. */
  readonly lostBefore: number;
}

export interface BatchOptions {
  /**
   * 'thread' (default): one thread after the other, the fastest. 'time': all threads merged; a batch is a run of events of
   * one thread, and no event of a later batch is older than the last one of an earlier batch.
   */
  readonly order?: 'thread' | 'time';
  /** Only these threads (by index). */
  readonly threads?: readonly number[];
}

/** One event as an object: convenient and slow. */
export interface TraceEvent {
  readonly thread: TraceThread;
  readonly ts: Nanoseconds;
  readonly kind: 'entry' | 'exit' | 'event';
  /** Site name, or event name such as `irq:softirq_raise`. */
  readonly name: string;
  readonly id: number;
  readonly arg: number;
  readonly synthetic: boolean;
  /**
   * Arguments by name, of an exit the return value as `ret`; u64 as a double, strings and the names of enum values as strings.
   * Of an entry or exit only those that the site's prototype knows and that were recorded.
   */
  readonly args: Readonly<Record<string, number | string>>;
}

export interface Trace {
  readonly path: string;
  readonly version: number;
  readonly metadata: TraceMetadata;
  readonly threads: readonly TraceThread[];
  readonly sites: readonly TraceSite[];
  /** The event table of the file itself (so old files stay readable), by number. */
  readonly eventById: ReadonlyMap<number, PlacedEvent>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  /** Wall clock of ts = 0, in ms since 1970. */
  readonly startTime: number;
  readonly duration: Nanoseconds;
  readonly nsPerTick: number;
  readonly cost: TraceCost | undefined;
  /** Places of the code that were not switched on, as a debugger's breakpoint stood there: their calls and events are missing. */
  readonly skippedSites: number;
  readonly totals: TraceTotals;
  readonly corrupt: readonly CorruptRegion[];
  /** False when the recording was cut short (killed recorder, full disk): what is there is good. */
  readonly complete: boolean;
  /** Return false from the callback to stop. */
  forEachBatch(callback: (batch: EventBatch) => boolean | undefined | void, options?: BatchOptions): void;
  /**
   * All events in the order of time, without a batch for each run: the visitor gets the events [from, to) of a batch. `lostBefore` is
   * that of its event 0. Return false to stop.
   */
  forEachRun?(visit: (batch: EventBatch, from: number, to: number) => boolean | undefined | void): void;
  events(options?: BatchOptions): Generator<TraceEvent>;
  close(): void;
}
