// SPDX-License-Identifier: MIT
// A trace region that is written by hand, byte by byte as FORMAT.md says: times, losses and nesting are the test's own.
import { writeSync } from 'node:fs';

export interface HandEvent {
  readonly kind: 'entry' | 'exit' | 'event';
  readonly tsc: number;
  /** Site, or number of the typed event. */
  readonly id: number;
  readonly arg: number;
  /** Entry: arguments after the first. Event: a multiple of 4 words. */
  readonly words: readonly number[];
}
/** Events that found no room. */
export interface HandLoss {
  readonly kind: 'loss';
  readonly events: number;
}
export type HandRecord = HandEvent | HandLoss;

const BLOCK = 65_536;
const TABLE = 1_183_744;
const RINGS = 1_445_888;
const KIND = { entry: 1, exit: 2, event: 3, block: 4, pad: 5 } as const;

function put(fd: number, at: number, bytes: Buffer): void {
  writeSync(fd, bytes, 0, bytes.length, at);
}
function u32(fd: number, at: number, value: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  put(fd, at, bytes);
}
function u64(fd: number, at: number, value: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  put(fd, at, bytes);
}

/** One thread and its ring. */
export class HandThread {
  readonly #fd: number;
  readonly #slot: number;
  readonly #ring: number;
  readonly #ringBytes: number;
  #pos = 0;
  #recorded = 0;
  #lost = 0;
  #lastTsc = 0;

  /** `index` counts from 0; its uid is one more. */
  constructor(fd: number, index: number, ringBytes: number) {
    this.#fd = fd;
    this.#slot = TABLE + index * 256;
    this.#ring = RINGS + index * ringBytes;
    this.#ringBytes = ringBytes;
    u32(fd, this.#slot + 4, index + 1);
    u32(fd, this.#slot + 8, 1000 + index);
    put(fd, this.#slot + 64, Buffer.from(`hand/${index}\0`));
    u32(fd, this.#slot, 1);
    u32(fd, 112, index + 1);
  }

  write(records: readonly HandRecord[]): void {
    for (const record of records) {
      if (record.kind === 'loss') this.#lose(record.events);
      else this.#event(record);
    }
    u64(this.#fd, this.#slot + 128, this.#pos);
    u64(this.#fd, this.#slot + 136, this.#lost);
  }

  /** What an exited thread leaves. */
  exit(tsc: number): void {
    u64(this.#fd, this.#slot + 32, tsc);
    u32(this.#fd, this.#slot, 2);
  }

  get position(): number {
    return this.#pos;
  }

  #record(tsc: number, id: number, arg: number, words: readonly number[] = []): void {
    const bytes = Buffer.alloc(16 + Math.ceil(words.length / 4) * 16);
    bytes.writeBigUInt64LE(BigInt(tsc), 0);
    bytes.writeUInt32LE(id >>> 0, 8);
    bytes.writeUInt32LE(arg >>> 0, 12);
    words.forEach((word, i) => void bytes.writeUInt32LE(word >>> 0, 16 + i * 4));
    put(this.#fd, this.#ring + (this.#pos % this.#ringBytes), bytes);
    this.#pos += bytes.length;
  }

  #newBlock(): void {
    const into = this.#pos % BLOCK;
    if (into > 0) {
      this.#record(0, KIND.pad * 2 ** 28, BLOCK - into);
      this.#pos += BLOCK - into - 16;
    }
    const [recorded, lost] = [this.#recorded, this.#lost];
    this.#record(this.#lastTsc, KIND.block * 2 ** 28 + 2 ** 24, this.#pos / BLOCK, [recorded, 0, lost, 0]);
  }

  #lose(events: number): void {
    this.#lost += events;
    // The block's end, so that the next event begins a block, which tells of the loss.
    const into = this.#pos % BLOCK;
    if (into === 0) return;
    this.#record(0, KIND.pad * 2 ** 28, BLOCK - into);
    this.#pos += BLOCK - into - 16;
  }

  #event({ kind, tsc, id, arg, words }: HandEvent): void {
    const bytes = 16 + Math.ceil(words.length / 4) * 16;
    if (this.#pos % BLOCK === 0 || (this.#pos % BLOCK) + bytes > BLOCK) this.#newBlock();
    const n = kind === 'event' ? words.length / 4 : kind === 'entry' ? words.length : 0;
    this.#lastTsc = tsc;
    this.#record(tsc, KIND[kind] * 2 ** 28 + n * 2 ** 24 + id, arg, words);
    this.#recorded++;
  }
}

/** Numbers from 0 to below `n`, always the same ones for a seed. */
export function randomOf(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
