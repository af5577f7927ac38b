// SPDX-License-Identifier: MIT
// Units. Times are offsets from the start of the trace: a double holds whole nanoseconds exactly for 104 days.

/** Whole nanoseconds since the start of the trace, or a length of time. */
export type Nanoseconds = number;
export type Bytes = number;
/** A 32-bit kernel address: everything in a driver process lies below 4 GiB. */
export type Address = number;
/** Index into FrameTable. */
export type FrameId = number;
/** Index into CallTree. */
export type NodeId = number;
/** Index into Profile.threads. */
export type ThreadIndex = number;
