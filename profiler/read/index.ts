// SPDX-License-Identifier: MIT
export { ProfileBuilder } from './builder.js';
export { findEvent } from './event-args.js';
export { type LoadOptions, readProfile } from './load.js';
export { isPart, type TraceFilter } from './part.js';
export { signatureOf } from './signatures.js';
export type { AnyTopic, ArgReader, Collector, Handler, ThreadView, Topic, TopicContext } from './topic.js';
