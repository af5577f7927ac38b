// SPDX-License-Identifier: MIT
// Just enough of protobuf's wire format to write messages by hand.

import { utf8 } from './byte-writer.js';

/** Appends the base-128 form of a non-negative whole number below 2^53. */
export function varint(out: number[], value: number): void {
  let v = value;
  while (v >= 0x80) {
    out.push((v % 0x80) | 0x80);
    v = Math.floor(v / 0x80);
  }
  out.push(v);
}

export function varintField(out: number[], field: number, value: number): void {
  varint(out, field * 8);
  varint(out, value);
}

export function fixed64Field(out: number[], field: number, value: number): void {
  varint(out, field * 8 + 1);
  let low = value % 0x1_0000_0000;
  let high = Math.floor(value / 0x1_0000_0000);
  for (let i = 0; i < 4; i++) {
    out.push(low & 0xff);
    low >>>= 8;
  }
  for (let i = 0; i < 4; i++) {
    out.push(high & 0xff);
    high >>>= 8;
  }
}

function bytesField(out: number[], field: number, bytes: ArrayLike<number>): void {
  varint(out, field * 8 + 2);
  varint(out, bytes.length);
  for (let i = 0; i < bytes.length; i++) out.push(bytes[i] as number);
}

export function textField(out: number[], field: number, text: string): void {
  bytesField(out, field, utf8(text));
}

/** A message in a field. */
export function messageField(out: number[], field: number, fill: (message: number[]) => void): void {
  const message: number[] = [];
  fill(message);
  bytesField(out, field, message);
}
