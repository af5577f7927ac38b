// SPDX-License-Identifier: MIT
// speedscope's events as bytes: `{"type":"O","frame":12,"at":34567}`. Almost all of an export's time goes by here. All but the time
// is known beforehand, and is stored eight bytes at a time: as doubles, the only numbers of that size which cost nothing. ASCII
// is never a NaN, which might be changed on the way.

import type { FrameId, Nanoseconds, TrackVisitor } from '../../model/index.js';
import type { ByteSink } from '../exporter.js';

const SIZE = 1 << 20;
/** More than one event takes. */
const MARGIN = 128;
const encoder = new TextEncoder();

/** `000` to `999` and a byte that is written over; then the same with `}`. */
const TRIPLES = new Uint32Array(2000);
for (let i = 0; i < 1000; i++) {
  const digits = (48 + Math.floor(i / 100)) | ((48 + (Math.floor(i / 10) % 10)) << 8) | ((48 + (i % 10)) << 16);
  TRIPLES[i] = digits;
  TRIPLES[1000 + i] = digits | (125 << 24);
}

/** Texts as rows of doubles, all rows of one length. */
class Heads {
  readonly stride: number;
  readonly words: Float64Array;
  readonly lengths: Uint8Array;

  constructor(texts: readonly string[]) {
    const longest = texts.reduce((n, s) => Math.max(n, s.length), 0);
    this.stride = Math.max(4, Math.ceil(longest / 8));
    const bytes = new Uint8Array(texts.length * this.stride * 8);
    this.lengths = new Uint8Array(texts.length);
    texts.forEach((text, i) => {
      encoder.encodeInto(text, bytes.subarray(i * this.stride * 8));
      this.lengths[i] = text.length;
    });
    this.words = new Float64Array(bytes.buffer);
  }
}

export class EventWriter implements TrackVisitor {
  /** Events written so far. */
  records = 0;
  private readonly sink: ByteSink;
  private readonly heads: Heads;
  private readonly frames: number;
  private readonly buffer = new Uint8Array(SIZE);
  private readonly view = new DataView(this.buffer.buffer);
  private at = 0;
  private first = true;
  /** Times written one after the other mostly share their millions: the bytes of these, and how many they are. */
  private base = -1;
  private readonly high = new Float64Array(1);
  private highLength = 0;
  /** The frames that are open: room for whatever a track opens. */
  private stack = new Int32Array(1024);
  private depth = 0;

  constructor(frames: number, sink: ByteSink) {
    this.frames = frames;
    this.sink = sink;
    const ids = Array.from({ length: frames }, (_, id) => id);
    this.heads = new Heads([
      ...ids.map((id) => `,{"type":"O","frame":${id},"at":`),
      ...ids.map((id) => `,{"type":"C","frame":${id},"at":`),
    ]);
  }

  /** Anything else of the file. */
  text(s: string): void {
    this.flush();
    this.sink.write(encoder.encode(s));
  }

  /** A list of events begins, at a time at which these frames are open. */
  start(t: Nanoseconds, open: readonly FrameId[]): void {
    this.first = true;
    this.depth = 0;
    for (const f of open) this.enter(t, f);
  }

  /** The list ends: closes what is open, and says what that was. */
  finish(t: Nanoseconds): FrameId[] {
    const open = [...this.stack.subarray(0, this.depth)];
    while (this.depth > 0) this.leave(t, this.stack[this.depth - 1] as number);
    return open;
  }

  enter(t: Nanoseconds, frame: FrameId): void {
    if (this.depth === this.stack.length) {
      const wider = new Int32Array(this.depth * 2);
      wider.set(this.stack);
      this.stack = wider;
    }
    this.stack[this.depth++] = frame;
    this.put(t, frame);
  }

  leave(t: Nanoseconds, frame: FrameId): void {
    this.depth--;
    this.put(t, this.frames + frame);
  }

  /** Many at once: calls for each of them would cost more than the writing. */
  run(base: Nanoseconds, dt: Uint32Array, code: Int32Array, from: number, to: number): void {
    const { view, frames } = this;
    const { words, stride, lengths } = this.heads;
    const high = this.high;
    for (let i = from; i < to; i++) {
      const c = code[i] as number;
      const t = base + (dt[i] as number);
      const low = t - this.base;
      // Where something is not as it mostly is, the slower way.
      if (
        this.first ||
        this.at > SIZE - MARGIN ||
        low < 0 ||
        low >= 1e6 ||
        this.highLength === 0 ||
        this.depth === this.stack.length
      ) {
        if (c >= 0) this.enter(t, c);
        else this.leave(t, ~c);
        continue;
      }
      let row = c;
      if (c >= 0) this.stack[this.depth++] = c;
      else {
        row = frames + ~c;
        this.depth--;
      }
      let at = this.at;
      const w = row * stride;
      view.setFloat64(at, words[w] as number, true);
      view.setFloat64(at + 8, words[w + 1] as number, true);
      view.setFloat64(at + 16, words[w + 2] as number, true);
      view.setFloat64(at + 24, words[w + 3] as number, true);
      for (let k = 4; k < stride; k++) view.setFloat64(at + k * 8, words[w + k] as number, true);
      at += lengths[row] as number;
      view.setFloat64(at, high[0] as number, true);
      at += this.highLength;
      const k = (low / 1000) | 0;
      view.setUint32(at, TRIPLES[k] as number, true);
      view.setUint32(at + 3, TRIPLES[1000 + low - k * 1000] as number, true);
      this.at = at + 7;
      this.records++;
    }
  }

  private put(t: Nanoseconds, row: number): void {
    let at = this.at;
    if (at > SIZE - MARGIN) {
      this.flush();
      at = 0;
    }
    const { view, heads } = this;
    const { words, stride } = heads;
    const from = row * stride;
    for (let i = 0; i < stride; i++) view.setFloat64(at + i * 8, words[from + i] as number, true);
    at += heads.lengths[row] as number;
    if (this.first) {
      // Without the comma.
      this.first = false;
      this.buffer.copyWithin(this.at, this.at + 1, at);
      at--;
    }
    let low = t - this.base;
    if (!(low >= 0 && low < 1e6) || this.base < 0) {
      this.setBase(t);
      low = t - this.base;
    }
    if (this.highLength > 0) {
      view.setFloat64(at, this.high[0] as number, true);
      at += this.highLength;
      const k = (low / 1000) | 0;
      view.setUint32(at, TRIPLES[k] as number, true);
      view.setUint32(at + 3, TRIPLES[1000 + low - k * 1000] as number, true);
      this.at = at + 7;
    } else this.slow(t, at);
    this.records++;
  }

  private setBase(t: Nanoseconds): void {
    const millions = Math.floor(t / 1e6);
    this.base = millions * 1e6;
    const text = millions === 0 ? '' : String(millions);
    // Eight digits are 28 hours.
    this.highLength = text.length > 8 ? 0 : text.length;
    encoder.encodeInto(text.slice(0, 8), new Uint8Array(this.high.buffer));
  }

  private slow(t: Nanoseconds, at: number): void {
    const { written } = encoder.encodeInto(`${t}}`, this.buffer.subarray(at));
    this.at = at + written;
  }

  private flush(): void {
    if (this.at > 0) this.sink.write(this.buffer.subarray(0, this.at));
    this.at = 0;
  }

  end(): void {
    this.flush();
    this.sink.end();
  }
}
