// SPDX-License-Identifier: MIT
// Text and numbers into a byte buffer. String concatenation costs more than twice as much per event.

import type { ByteSink } from '../exporter.js';

const SIZE = 1 << 20;
/** Flushed when fewer bytes than this are free: no single small write may be longer. */
const MARGIN = 1 << 12;
const encoder = new TextEncoder();

/** The three digits of 0 to 999. */
const TRIPLES = new Uint8Array(3000);
for (let i = 0; i < 1000; i++) {
  TRIPLES[i * 3] = 48 + Math.floor(i / 100);
  TRIPLES[i * 3 + 1] = 48 + (Math.floor(i / 10) % 10);
  TRIPLES[i * 3 + 2] = 48 + (i % 10);
}

/** The buffer of a writer that has ended, for the next one: exports of many parts need not make one each. */
let spare: Uint8Array | undefined;

function takeBuffer(): Uint8Array {
  const b = spare ?? new Uint8Array(SIZE);
  spare = undefined;
  return b;
}

export class ByteWriter {
  private readonly buffer = takeBuffer();
  private length = 0;
  private readonly sink: ByteSink;
  /** Digits of the last number's millions: times written one after the other mostly share them. */
  private high = -1;
  private readonly highBytes = new Uint8Array(20);
  private highLength = 0;

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  text(s: string): void {
    const bytes = encoder.encode(s);
    if (bytes.length > MARGIN) {
      this.flush();
      this.sink.write(bytes);
    } else this.bytes(bytes);
  }

  /** At most MARGIN bytes. */
  bytes(b: Uint8Array): void {
    const n = b.length;
    if (this.length + n > SIZE) this.flush();
    const out = this.buffer;
    let at = this.length;
    for (let i = 0; i < n; i++) out[at++] = b[i] as number;
    this.length = at;
  }

  byte(b: number): void {
    if (this.length === SIZE) this.flush();
    this.buffer[this.length++] = b;
  }

  /** A non-negative whole number below 2^53. */
  integer(value: number): void {
    if (this.length + MARGIN > SIZE) this.flush();
    if (value < 1000) {
      this.small(value);
      return;
    }
    const high = Math.floor(value / 1e6);
    if (high !== this.high) this.setHigh(high);
    const out = this.buffer;
    let at = this.length;
    const low = value - high * 1e6;
    const k = Math.floor(low / 1000);
    if (high > 0) {
      for (let i = 0; i < this.highLength; i++) out[at++] = this.highBytes[i] as number;
      at = this.triple(at, k);
    } else {
      this.length = at;
      this.small(k);
      at = this.length;
    }
    this.length = this.triple(at, low - k * 1000);
  }

  /** Nanoseconds as microseconds with three decimals. */
  micros(ns: number): void {
    const us = Math.floor(ns / 1000);
    this.integer(us);
    this.buffer[this.length++] = 46;
    this.length = this.triple(this.length, ns - us * 1000);
  }

  private triple(at: number, n: number): number {
    const k = n * 3;
    const out = this.buffer;
    out[at] = TRIPLES[k] as number;
    out[at + 1] = TRIPLES[k + 1] as number;
    out[at + 2] = TRIPLES[k + 2] as number;
    return at + 3;
  }

  private small(n: number): void {
    const k = n * 3;
    if (n >= 100) this.buffer[this.length++] = TRIPLES[k] as number;
    if (n >= 10) this.buffer[this.length++] = TRIPLES[k + 1] as number;
    this.buffer[this.length++] = TRIPLES[k + 2] as number;
  }

  private setHigh(high: number): void {
    this.high = high;
    const text = String(high);
    this.highLength = text.length;
    for (let i = 0; i < text.length; i++) this.highBytes[i] = text.charCodeAt(i);
  }

  flush(): void {
    if (this.length > 0) this.sink.write(this.buffer.subarray(0, this.length));
    this.length = 0;
  }

  end(): void {
    this.flush();
    spare = this.buffer;
    this.sink.end();
  }
}

export function utf8(s: string): Uint8Array {
  return encoder.encode(s);
}
