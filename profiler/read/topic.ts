// SPDX-License-Identifier: MIT
// The contract between the engine and the topics (profiler/topics): what a topic is given, and what it gives back. The engine
// knows topics by this alone; topics see of the engine what stands here.

import type { EventBatch, Trace } from '../../tracer/decode/types.js';
import type { DriverLines } from '../../tracer/symbols/index.js';
import type { Counter, FlowKind, Frame, Incident, Nanoseconds, NodeId, ThreadIndex, TopicKey } from '../model/index.js';
import type { Symbols } from './symbols.js';

/** The thread of an event, as it stands at that moment. */
export interface ThreadView {
  readonly index: ThreadIndex;
  readonly tid: number;
  /** The innermost open node of the call tree. */
  readonly here: NodeId;
  /** How long it has been without the virtual CPU so far. */
  readonly blocked: Nanoseconds;
}

export type Handler = (thread: ThreadView, t: Nanoseconds, batch: EventBatch, i: number) => void;
export type ArgReader = (batch: EventBatch, i: number) => number;

export interface TopicContext {
  readonly trace: Trace;
  readonly symbols: Symbols;
  /** Source lines of the driver's code. */
  readonly lines: DriverLines;
  /**
   * Takes an event of the table (short name); later calls for the same event add a handler. What an event opens (an interrupt, a
   * softirq, a timer's function) is open when the handler is called for its beginning, and still open at its end.
   * An argument that the file does not have reads as 0.
   */
  on(event: string, make: (arg: (name: string) => ArgReader) => Handler): void;
  /** Takes calls of a function of the kernel's API: `arg` is the first argument at its entry, what it returns at its exit. */
  onCall(name: string, entry: Handler | undefined, exit?: Handler): void;
  /** Takes calls of all functions of this name, whoever's they are. */
  onSite(site: number, entry: Handler, exit: Handler): void;
  /** Takes the entries of the function at an address, if it is recorded. */
  onFunction(address: number, entry: Handler): void;
  /** The driver's function in which a thread stands, or failing that the function at an address. */
  driverFunction(thread: ThreadView, caller: number): string;
  /** What the thread stands in. */
  innermost(thread: ThreadView): Frame | undefined;
  /** How long the innermost call has been on the CPU at a time; 0 outside of any. */
  elapsed(thread: ThreadView, t: Nanoseconds): Nanoseconds;
  /** A value over time that viewers draw. */
  counter(name: string, unit: string): Counter;
  /** Cause and effect, for viewers. */
  flow(kind: FlowKind, from: Nanoseconds, fromThread: ThreadIndex, to: Nanoseconds, toThread: ThreadIndex): void;
  /** Puts down something suspicious; the topic's rules make findings of it. */
  incident(incident: Incident): void;
  /** Another topic's collector, for what it offers beside its result. Name it in `needs`. */
  use<C extends Collector<unknown>>(topic: Topic<unknown, C>): C;
}

/** Counts along while the trace is read. */
export interface Collector<T> {
  /** Called once; `end`: of the recording. */
  finish(end: Nanoseconds): T;
}

/** `O`: the load options that it understands. */
export interface Topic<T, C extends Collector<T> = Collector<T>, O = object> {
  readonly key: TopicKey<T>;
  /** Is read even when a report did not ask for it: cheap, and much rests on it. */
  readonly always?: boolean;
  /** Topics that it uses. */
  readonly needs?: readonly AnyTopic[];
  collect(context: TopicContext, options: O): C;
}

// biome-ignore lint/suspicious/noExplicitAny: topics of all results in one list; the key brings the type back.
export type AnyTopic = Topic<any, any, any>;
