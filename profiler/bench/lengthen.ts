// SPDX-License-Identifier: MIT
// A recording many times as long: its blocks once more, later, and again. Real calls in real proportions, in a file that
// would take hours to record. Between two repetitions each thread has lost one event, as what was open at the end of one is
// not what the next begins with. FORMAT.md describes the bytes.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import {
  CHUNK,
  CHUNK_HEADER_BYTES,
  ChunkFile,
  type ChunkRef,
  type EventsRef,
  ticks,
} from '../../tracer/decode/chunks.js';
import { zstdDecompressInto } from '../../tracer/recorder/addon.js';

const u64 = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);

class Copy {
  readonly #from: number;
  readonly #to: number;
  readonly #buffer = Buffer.alloc(1 << 24);
  #used = 0;
  #number = 0;

  constructor(from: string, to: string) {
    this.#from = openSync(from, 'r');
    this.#to = openSync(to, 'w');
    this.#used = readSync(this.#from, this.#buffer, 0, 32, 0);
  }

  /** One chunk, its payload changed by `edit`. */
  chunk(ref: ChunkRef, edit?: (payload: Buffer) => void): void {
    const bytes = CHUNK_HEADER_BYTES + ref.bytes;
    if (this.#used + bytes > this.#buffer.length) this.#flush();
    if (bytes > this.#buffer.length) throw new Error(`a chunk of ${ref.bytes} bytes: too large for this copy`);
    const at = this.#buffer.subarray(this.#used, this.#used + bytes);
    readSync(this.#from, at, 0, bytes, ref.offset - CHUNK_HEADER_BYTES);
    const payload = at.subarray(CHUNK_HEADER_BYTES);
    at.writeUInt32LE(this.#number++, 12);
    if (edit !== undefined) {
      edit(payload);
      at.writeUInt32LE(crc32(payload), 24);
    }
    at.writeUInt32LE(crc32(at.subarray(0, 28)), 28);
    this.#used += bytes;
  }

  #flush(): void {
    writeSync(this.#to, this.#buffer, 0, this.#used);
    this.#used = 0;
  }

  end(): void {
    this.#flush();
    closeSync(this.#from);
    closeSync(this.#to);
  }
}

/**
 * Writes `file` repeated `times` times to `to`. Events of a thread that lie after a loss keep their counts.
 * @returns the number of events in it
 */
export function lengthen(file: string, to: string, times: number): number {
  const source = new ChunkFile(file, zstdDecompressInto);
  try {
    if (source.corrupt.length > 0) throw new Error(`${file}: damaged, cannot be repeated`);
    const events = source.chunks.filter((c) => c.type === CHUNK.events) as EventsRef[];
    const first = events.reduce((a, b) => (ticks(a.firstTscLo, a.firstTscHi, b.firstTscLo, b.firstTscHi) <= 0 ? a : b));
    const last = events.reduce((a, b) => (ticks(a.lastTscLo, a.lastTscHi, b.lastTscLo, b.lastTscHi) >= 0 ? a : b));
    const span = u64(last.lastTscLo, last.lastTscHi) - u64(first.firstTscLo, first.firstTscHi) + 1000n;
    const ofThread = new Map<number, { recorded: number; lost: number }>();
    for (const e of events) ofThread.set(e.thread, { recorded: e.recordedStart + e.count, lost: e.lostStart + 1 });

    const copy = new Copy(file, to);
    // What a thread said at its end would be wrong: without it, the reader goes by the blocks.
    const ends = (c: ChunkRef): boolean =>
      c.type === CHUNK.thread && /"recorded"|"exitTsc"/.test(Buffer.from(source.body(c) ?? []).toString());
    for (const c of source.chunks) if (c.type !== CHUNK.events && c.type !== CHUNK.end && !ends(c)) copy.chunk(c);
    for (let i = 0; i < times; i++) {
      for (const e of events) {
        const { recorded, lost } = ofThread.get(e.thread) as { recorded: number; lost: number };
        copy.chunk(e, (payload) => {
          payload.writeBigUInt64LE(payload.readBigUInt64LE(0) + span * BigInt(i), 0);
          payload.writeBigUInt64LE(payload.readBigUInt64LE(8) + span * BigInt(i), 8);
          payload.writeBigUInt64LE(BigInt(e.recordedStart + recorded * i), 16);
          payload.writeBigUInt64LE(BigInt(e.lostStart + lost * i), 24);
        });
      }
    }
    for (const c of source.chunks) if (c.type === CHUNK.end) copy.chunk(c);
    copy.end();
    return events.reduce((sum, e) => sum + e.count, 0) * times;
  } finally {
    source.close();
  }
}
