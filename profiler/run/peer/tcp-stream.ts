// SPDX-License-Identifier: MIT
// The TCP workload's protocol as seen by the peer (ARCHITECTURE.md, section 2), without any socket: bytes in, bytes out.
//
//   driver -> peer   "DDETCP1\n", one byte 'O' (the driver sends) or 'I' (the peer sends), 7 bytes 0
//   sender           frames: u32le length, data; length 0 ends, then u64le total, u64le xxh64 (seed 0) of all data
//   receiver         u64le total, u64le xxh64 of what it got
//   'I' only         the driver sends one byte 'S' when the peer shall stop

import type { XXHash } from 'xxhash-wasm';

export const HELLO_BYTES = 16;
export const TRAILER_BYTES = 16;
const HELLO_MAGIC = Buffer.from('DDETCP1\n', 'latin1');

/** Who sends the payload, seen from the driver. */
export type Direction = 'out' | 'in';

export interface StreamSum {
  readonly bytes: bigint;
  readonly hash: bigint;
}

export type Hasher = XXHash<bigint>;

/** Returns the direction that the driver's first 16 bytes ask for, or undefined when they are not its hello. */
export function parseHello(hello: Uint8Array): Direction | undefined {
  if (hello.length < HELLO_BYTES || HELLO_MAGIC.compare(hello, 0, HELLO_MAGIC.length) !== 0) return undefined;
  const letter = hello[HELLO_MAGIC.length];
  if (letter === 0x4f) return 'out';
  return letter === 0x49 ? 'in' : undefined;
}

export function encodeSum(sum: StreamSum): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.writeBigUInt64LE(sum.bytes, 0);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, sum.hash), 8);
  return bytes;
}

export function decodeSum(bytes: Buffer): StreamSum {
  return { bytes: bytes.readBigUInt64LE(0), hash: bytes.readBigUInt64LE(8) };
}

export function sameSum(a: StreamSum, b: StreamSum): boolean {
  return a.bytes === b.bytes && a.hash === b.hash;
}

/** Takes the framed stream in pieces of any size; `done` is set once the sender's trailer has arrived. */
export class FrameReceiver {
  readonly #hasher: Hasher;
  readonly #small = Buffer.alloc(TRAILER_BYTES);
  #have = 0;
  #want = 4;
  #left = 0;
  #ended = false;
  #bytes = 0;
  #claimed: StreamSum | undefined;

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  /** What the sender says it sent; undefined until its trailer is there. */
  get claimed(): StreamSum | undefined {
    return this.#claimed;
  }

  /** Payload bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }

  sum(): StreamSum {
    return { bytes: BigInt(this.#bytes), hash: this.#hasher.digest() };
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#claimed === undefined) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        this.#hasher.update(chunk.subarray(at, end));
        this.#left -= end - at;
        this.#bytes += end - at;
        at = end;
        continue;
      }
      const take = Math.min(this.#want - this.#have, chunk.length - at);
      chunk.copy(this.#small, this.#have, at, at + take);
      this.#have += take;
      at += take;
      if (this.#have === this.#want) this.#header();
    }
  }

  #header(): void {
    this.#have = 0;
    if (this.#ended) {
      this.#claimed = decodeSum(this.#small);
      return;
    }
    this.#left = this.#small.readUInt32LE(0);
    if (this.#left === 0) {
      this.#ended = true;
      this.#want = TRAILER_BYTES;
    }
  }
}

export const FRAME_BYTES = 256 * 1024;
const FRAME_COUNT = 16;

/** Makes the peer's own stream: frames of pseudo-random data that never repeat exactly (each carries its number). */
export class FrameSource {
  readonly #hasher: Hasher;
  readonly #frames: Buffer[] = [];
  #next = 0;
  #bytes = 0n;

  constructor(hasher: Hasher, seed = 1) {
    this.#hasher = hasher;
    let state = seed >>> 0 || 1;
    for (let i = 0; i < FRAME_COUNT; i++) {
      const frame = Buffer.alloc(4 + FRAME_BYTES);
      frame.writeUInt32LE(FRAME_BYTES, 0);
      for (let at = 4; at < frame.length; at += 4) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        frame.writeInt32LE(state | 0, at);
      }
      this.#frames.push(frame);
    }
  }

  get bytes(): bigint {
    return this.#bytes;
  }

  /** The next frame with its length in front. Valid until FRAME_COUNT - 1 further calls: do not queue more. */
  next(): Buffer {
    const frame = this.#frames[this.#next % FRAME_COUNT] as Buffer;
    frame.writeUInt32LE(this.#next >>> 0, 4);
    this.#next++;
    this.#hasher.update(frame.subarray(4));
    this.#bytes += BigInt(FRAME_BYTES);
    return frame;
  }

  /** The closing length 0 and the trailer. */
  end(): { readonly tail: Buffer; readonly sum: StreamSum } {
    const sum: StreamSum = { bytes: this.#bytes, hash: this.#hasher.digest() };
    return { tail: Buffer.concat([Buffer.alloc(4), encodeSum(sum)]), sum };
  }
}
