// SPDX-License-Identifier: MIT
export { type LoadOptions, profileFromTrace } from './load.js';
export type { TraceFilter } from './window.js';
export { loadProfile } from './load-profile.js';
