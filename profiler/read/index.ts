// SPDX-License-Identifier: MIT
export type { CallSink } from './call-sink.js';
export { type CallColumns, ProfileBuilder } from './builder.js';
export { findEvent, readerFor } from './event-args.js';
export { type LoadOptions, readProfile, type TraceSink } from './load.js';
export { Symbols } from './symbols.js';
export { ThreadState } from './thread-state.js';
export { ProgramNames } from './program.js';
export { isPart, type TraceFilter } from './part.js';
export { signatureOf } from './signatures.js';
export type { AnyTopic, ArgReader, Collector, Handler, ThreadView, Topic, TopicContext } from './topic.js';
