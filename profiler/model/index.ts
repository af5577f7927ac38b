// SPDX-License-Identifier: MIT
export * from './builder.js';
export * from './call-args.js';
export * from './call-sink.js';
export * from './call-tree.js';
export * from './columns.js';
export * from './domain.js';
export * from './frame.js';
export * from './histogram.js';
export * from './merged.js';
export * from './packets.js';
export * from './profile.js';
export * from './spread.js';
export * from './timeline.js';
export * from './track.js';
export * from './units.js';
