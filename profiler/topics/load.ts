// SPDX-License-Identifier: MIT
// A trace to a profile, with all topics.

import type { Trace } from '../../tracer/decode/types.js';
import type { Profile } from '../model/index.js';
import { type LoadOptions as EngineOptions, readProfile } from '../read/index.js';
import { TOPICS, type TopicOptions } from './index.js';

export type LoadOptions = EngineOptions & TopicOptions;

/** Reads the trace, or the part of it that a filter leaves. The trace stays open. */
export function profileFromTrace(trace: Trace, options: LoadOptions = {}): Profile {
  return readProfile(trace, TOPICS, options);
}
