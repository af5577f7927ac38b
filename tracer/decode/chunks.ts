// SPDX-License-Identifier: MIT
// The chunks of a trace file: finds them, checks them, skips what is damaged. FORMAT.md describes the bytes.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { newerVersion, notATrace, TraceError, unreadable } from './errors.js';
import type { CorruptRegion } from './types.js';

export const FILE_VERSION = 3;
const FILE_HEADER_BYTES = 32;
export const CHUNK_HEADER_BYTES = 32;
export const EVENTS_HEADER_BYTES = 48;
export const CHUNK = { meta: 1, thread: 2, events: 3, clock: 4, control: 5, end: 6 } as const;

const CHUNK_MAGIC = 0x4b484344;
const MAGIC = 'DDETRACE';
const FLAG_ZSTD = 1;
const FLAG_KINDS = 2;
/** Of a chunk with kinds: as many as a writer puts into one. */
const MAX_EVENTS = 65536;
/** No chunk that a writer makes comes near: what claims to be larger is damage. */
const MAX_PAYLOAD = 96 << 20;
const MAX_RAW = 64 << 20;
/** Damaged stretches that are listed one by one; more are joined into the last. */
const MAX_CORRUPT = 1000;

export interface ChunkRef {
  readonly type: number;
  readonly thread: number;
  /** Of the payload in the file. */
  readonly offset: number;
  readonly bytes: number;
  /** After decompression, the events' head included. */
  readonly rawBytes: number;
  readonly compressed: boolean;
  /** Events: the columns are those of file version 3. */
  readonly kinds: boolean;
}

/** The head of an events chunk; times as [low, high] halves of the TSC. */
export interface EventsRef extends ChunkRef {
  readonly firstTscLo: number;
  readonly firstTscHi: number;
  readonly lastTscLo: number;
  readonly lastTscHi: number;
  readonly recordedStart: number;
  readonly lostStart: number;
  readonly count: number;
  readonly opsBytes: number;
  readonly deltaBytes: number;
  readonly wordsBytes: number;
}

const u64 = (view: DataView, at: number): number =>
  view.getUint32(at + 4, true) * 0x100000000 + view.getUint32(at, true);

/** Reads the head of an events chunk; undefined when it contradicts itself. */
function parseEventsHead(ref: ChunkRef, head: DataView): EventsRef | undefined {
  const events = {
    ...ref,
    firstTscLo: head.getUint32(0, true),
    firstTscHi: head.getUint32(4, true),
    lastTscLo: head.getUint32(8, true),
    lastTscHi: head.getUint32(12, true),
    recordedStart: u64(head, 16),
    lostStart: u64(head, 24),
    count: head.getUint32(32, true),
    opsBytes: head.getUint32(36, true),
    deltaBytes: head.getUint32(40, true),
    wordsBytes: head.getUint32(44, true),
  };
  const body = events.opsBytes + events.deltaBytes + events.wordsBytes;
  const fits = body === ref.rawBytes - EVENTS_HEADER_BYTES;
  const { count, opsBytes, deltaBytes, wordsBytes } = events;
  const enough =
    count > 0 && opsBytes >= count && deltaBytes >= count && (ref.kinds ? count <= MAX_EVENTS : wordsBytes >= count);
  const order = ticks(events.lastTscLo, events.lastTscHi, events.firstTscLo, events.firstTscHi) >= 0;
  const safe = Number.isSafeInteger(events.recordedStart) && Number.isSafeInteger(events.lostStart);
  return fits && enough && order && safe ? events : undefined;
}

/** a - b in TSC ticks. */
export const ticks = (aLo: number, aHi: number, bLo: number, bHi: number): number =>
  (aHi - bHi) * 0x100000000 + (aLo - bLo);

/** A file of chunks, checked once from the front to the back. Holds no chunk's contents. */
export class ChunkFile {
  readonly path: string;
  readonly version: number;
  readonly size: number;
  readonly chunks: ChunkRef[] = [];
  readonly corrupt: CorruptRegion[] = [];
  readonly #fd: number;
  readonly #decompress: (source: Uint8Array, target: Uint8Array) => number;
  #buffer: Buffer<ArrayBufferLike> = Buffer.alloc(1 << 17);
  #raw = new Uint8Array(1 << 17);
  #closed = false;

  constructor(path: string, decompress: (source: Uint8Array, target: Uint8Array) => number) {
    this.path = path;
    this.#decompress = decompress;
    try {
      this.#fd = openSync(path, 'r');
      const stat = fstatSync(this.#fd);
      if (stat.isDirectory()) throw new Error('it is a directory');
      this.size = stat.size;
    } catch (cause) {
      throw unreadable(path, cause);
    }
    try {
      this.version = this.#readHeader();
      this.#scan();
    } catch (cause) {
      this.close();
      throw cause instanceof TraceError ? cause : unreadable(path, cause);
    }
  }

  close(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  addCorrupt(offset: number, length: number, reason: string): void {
    const last = this.corrupt.at(-1);
    if (last && this.corrupt.length >= MAX_CORRUPT) {
      const end = Math.max(last.offset + last.length, offset + length);
      this.corrupt[this.corrupt.length - 1] = { offset: last.offset, length: end - last.offset, reason: last.reason };
    } else {
      this.corrupt.push({ offset, length, reason });
    }
  }

  /**
   * The contents of a chunk after its first `skip` bytes (which are never compressed), decompressed. Valid until the next call.
   * Undefined when they cannot be read: the place is added to `corrupt`.
   */
  body(ref: ChunkRef, skip = 0): Uint8Array | undefined {
    const payload = this.#read(ref.offset, ref.bytes);
    if (payload.length < ref.bytes) {
      this.addCorrupt(ref.offset - CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + ref.bytes, 'the file became shorter');
      return undefined;
    }
    const stored = payload.subarray(skip);
    const want = ref.rawBytes - skip;
    if (!ref.compressed) return stored;
    if (this.#raw.length < want) this.#raw = new Uint8Array(Math.max(want, this.#raw.length * 2));
    try {
      if (this.#decompress(stored, this.#raw.subarray(0, want)) === want) return this.#raw.subarray(0, want);
    } catch {
      // Reported below, as a wrong size is.
    }
    this.addCorrupt(ref.offset - CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + ref.bytes, 'the chunk does not decompress');
    return undefined;
  }

  /** Up to `bytes` from `offset`; shorter at the end of the file. Valid until the next call. */
  #read(offset: number, bytes: number): Buffer {
    const want = Math.max(0, Math.min(bytes, this.size - offset));
    if (this.#buffer.length < want) this.#buffer = Buffer.alloc(Math.max(want, this.#buffer.length * 2));
    let got = 0;
    while (got < want) {
      const n = readSync(this.#fd, this.#buffer, got, want - got, offset + got);
      if (n === 0) break;
      got += n;
    }
    return this.#buffer.subarray(0, got);
  }

  #readHeader(): number {
    const header = this.#read(0, FILE_HEADER_BYTES);
    if (header.length < FILE_HEADER_BYTES || header.toString('latin1', 0, 8) !== MAGIC) throw notATrace(this.path);
    if (crc32(header.subarray(0, 28)) !== header.readUInt32LE(28)) {
      this.addCorrupt(0, FILE_HEADER_BYTES, 'the file header is damaged');
      return FILE_VERSION;
    }
    const needs = header.readUInt32LE(12);
    if (needs > FILE_VERSION) throw newerVersion(this.path, needs, FILE_VERSION);
    return header.readUInt32LE(8);
  }

  #scan(): void {
    let at = FILE_HEADER_BYTES;
    while (at < this.size) {
      const next = this.#chunkAt(at);
      if (typeof next === 'number') {
        at = next;
        continue;
      }
      const found = this.#findChunk(at + 1);
      this.addCorrupt(at, found - at, next);
      at = found;
    }
  }

  /** Takes the chunk at a place and returns where the next one should be, or why there is no chunk. */
  #chunkAt(at: number): number | string {
    const header = this.#read(at, CHUNK_HEADER_BYTES);
    if (header.length < CHUNK_HEADER_BYTES) return 'the file ends inside a chunk';
    if (header.readUInt32LE(0) !== CHUNK_MAGIC || crc32(header.subarray(0, 28)) !== header.readUInt32LE(28)) {
      return 'no chunk begins here';
    }
    const ref: ChunkRef = {
      type: header.readUInt16LE(4),
      compressed: (header.readUInt16LE(6) & FLAG_ZSTD) !== 0,
      kinds: (header.readUInt16LE(6) & FLAG_KINDS) !== 0,
      thread: header.readUInt32LE(8),
      bytes: header.readUInt32LE(16),
      rawBytes: header.readUInt32LE(20),
      offset: at + CHUNK_HEADER_BYTES,
    };
    const crc = header.readUInt32LE(24);
    if (ref.bytes > MAX_PAYLOAD || ref.rawBytes > MAX_RAW) return 'a chunk claims an impossible size';
    if (ref.offset + ref.bytes > this.size) return 'the file ends inside a chunk';
    const payload = this.#read(ref.offset, ref.bytes);
    if (crc32(payload) !== crc) return 'the contents of a chunk are damaged';
    if (ref.type === CHUNK.events) {
      const head = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      const events = payload.length >= EVENTS_HEADER_BYTES ? parseEventsHead(ref, head) : undefined;
      if (!events) return 'an events chunk contradicts itself';
      this.chunks.push(events);
    } else if (ref.compressed || ref.bytes === ref.rawBytes) {
      this.chunks.push(ref);
    }
    return ref.offset + ref.bytes;
  }

  /** The next place where a chunk header stands, or the end of the file. */
  #findChunk(from: number): number {
    const magic = Buffer.from('DCHK', 'latin1');
    let at = from;
    while (at < this.size) {
      const block = this.#read(at, 1 << 17);
      let hit = block.indexOf(magic);
      while (hit >= 0 && hit + CHUNK_HEADER_BYTES <= block.length) {
        if (crc32(block.subarray(hit, hit + 28)) === block.readUInt32LE(hit + 28)) return at + hit;
        hit = block.indexOf(magic, hit + 1);
      }
      if (block.length < 1 << 17) return this.size;
      at += block.length - CHUNK_HEADER_BYTES;
    }
    return this.size;
  }
}
