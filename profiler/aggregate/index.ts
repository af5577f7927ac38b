// SPDX-License-Identifier: MIT
export { type LoadOptions, profileFromTrace } from './load.js';
export { loadProfile } from './load-profile.js';
