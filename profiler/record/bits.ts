// SPDX-License-Identifier: MIT
/** True when bit `i` of a bitmap is set, the lowest bit of a byte first; what lies beyond its end is not. */
export const isSet = (bits: Uint8Array, i: number): boolean => ((bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0;
