// SPDX-License-Identifier: MIT
// What every aggregate is given, and what it gives back.

import type { DriverLines } from '../../tracer/symbols/index.js';
import type { EventBatch, Trace } from '../../tracer/decode/types.js';
import type { ProfileBuilder, ThreadState } from '../model/index.js';
import type { Symbols } from './symbols.js';

export type Handler = (s: ThreadState, t: number, batch: EventBatch, i: number) => void;

export interface AggregateContext {
  readonly trace: Trace;
  readonly builder: ProfileBuilder;
  readonly symbols: Symbols;
  /** Source lines of the driver's code. */
  readonly lines: DriverLines;
  /** Takes an event of the table (short name); later calls for the same event add a handler. */
  on(event: string, make: (arg: (name: string) => (batch: EventBatch, i: number) => number) => Handler): void;
  /** Takes calls of a function of the kernel's API: `arg` is the first argument at its entry, what it returns at its exit. */
  onCall(name: string, entry: Handler | undefined, exit?: Handler): void;
  /** Takes the entries of the function at an address, if it is recorded. */
  onFunction(address: number, entry: Handler): void;
  /** Takes an event by its number: tracepoints may have the same name as an event of the table. */
  onEvent(id: number, handler: Handler): void;
  /** The driver's function in which a thread stands, or failing that the function at an address. */
  driverFunction(s: ThreadState, caller: number): string;
}
