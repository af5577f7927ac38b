// SPDX-License-Identifier: MIT
// What the engine's own listeners (intervals, instants, the scheduler) are given besides what topics are: the builder.

import type { EventBatch } from '../../tracer/decode/types.js';
import type { ProfileBuilder } from './builder.js';
import type { ThreadState } from './thread-state.js';
import type { ArgReader, TopicContext } from './topic.js';

export type EngineHandler = (s: ThreadState, t: number, batch: EventBatch, i: number) => void;

export interface EngineContext extends TopicContext {
  readonly builder: ProfileBuilder;
  on(event: string, make: (arg: (name: string) => ArgReader) => EngineHandler): void;
  /** Takes an event by its number: tracepoints may have the same name as an event of the table. */
  onEvent(id: number, handler: EngineHandler): void;
}
