// SPDX-License-Identifier: MIT
export { type LoadOptions, profileFromTrace, type TraceSink } from './load.js';
export { readerFor } from './event-args.js';
export { Symbols } from './symbols.js';
export type { TraceFilter } from './window.js';
export { loadProfile } from './load-profile.js';
