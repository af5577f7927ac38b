// SPDX-License-Identifier: MIT
export * from './call-args.js';
export * from './call-tree.js';
export * from './columns.js';
export * from './finding.js';
export * from './frame.js';
export * from './histogram.js';
export * from './incident.js';
export * from './merged.js';
export * from './profile.js';
export * from './self-times.js';
export * from './timeline.js';
export * from './topics.js';
export * from './track.js';
export * from './units.js';
