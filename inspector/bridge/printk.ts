// SPDX-License-Identifier: MIT
// The kernel's log, read from the ring in the driver's memory (kernel/printk/printk_ringbuffer.c): the driver does not notice.
import type { Gdb } from '../mi/index.js';
import type { ProcessMemory } from './memory.js';

export interface PrintkRecord {
  /** Counts from 0; a gap is what was overwritten before it was read. */
  readonly seq: number;
  /** Nanoseconds of the driver's clock. */
  readonly time: bigint;
  /** 0 (emergency) to 7 (debug). */
  readonly level: number;
  readonly text: string;
}

/** Where the ring and its fields are, as the debug information says. */
interface Layout {
  readonly ring: number;
  readonly countBits: number;
  readonly descs: number;
  readonly infos: number;
  readonly headId: number;
  readonly tailId: number;
  readonly sizeBits: number;
  readonly data: number;
  readonly descSize: number;
  readonly state: number;
  readonly begin: number;
  readonly next: number;
  readonly infoSize: number;
  readonly seq: number;
  readonly time: number;
  readonly length: number;
  readonly level: number;
}

const RING = '((struct printk_ringbuffer *)0)';
const DESC = '((struct prb_desc *)0)';
const INFO = '((struct printk_info *)0)';
const EXPRESSIONS: Readonly<Record<keyof Layout, string>> = {
  ring: '(unsigned long)prb',
  countBits: `(unsigned long)&${RING}->desc_ring.count_bits`,
  descs: `(unsigned long)&${RING}->desc_ring.descs`,
  infos: `(unsigned long)&${RING}->desc_ring.infos`,
  headId: `(unsigned long)&${RING}->desc_ring.head_id`,
  tailId: `(unsigned long)&${RING}->desc_ring.tail_id`,
  sizeBits: `(unsigned long)&${RING}->text_data_ring.size_bits`,
  data: `(unsigned long)&${RING}->text_data_ring.data`,
  descSize: 'sizeof(struct prb_desc)',
  state: `(unsigned long)&${DESC}->state_var`,
  begin: `(unsigned long)&${DESC}->text_blk_lpos.begin`,
  next: `(unsigned long)&${DESC}->text_blk_lpos.next`,
  infoSize: 'sizeof(struct printk_info)',
  seq: `(unsigned long)&${INFO}->seq`,
  time: `(unsigned long)&${INFO}->ts_nsec`,
  length: `(unsigned long)&${INFO}->text_len`,
  // flags and level are bit fields of the byte behind facility.
  level: `(unsigned long)&${INFO}->facility + 1`,
};

const ID_BITS = 62n;
const ID_MASK = (1n << ID_BITS) - 1n;
const COMMITTED = 1n;
const FINALIZED = 2n;
/** More was written in one go than anybody reads. */
const MAX_RECORDS = 5000;

export class Printk {
  readonly #memory: ProcessMemory;
  readonly #layout: Layout;
  #nextId: bigint | undefined;

  private constructor(memory: ProcessMemory, layout: Layout) {
    this.#memory = memory;
    this.#layout = layout;
  }

  /** Undefined when this kernel has another ring. */
  static async open(gdb: Gdb, memory: ProcessMemory): Promise<Printk | undefined> {
    const names = Object.keys(EXPRESSIONS) as (keyof Layout)[];
    try {
      const values = await Promise.all(names.map((name) => gdb.evaluate(EXPRESSIONS[name])));
      const layout = Object.fromEntries(names.map((name, i) => [name, Number(values[i])])) as unknown as Layout;
      return Object.values(layout).every(Number.isSafeInteger) ? new Printk(memory, layout) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The records since the last call; the first call gives all that the ring still has. */
  read(): PrintkRecord[] {
    const { ring, countBits, headId, tailId } = this.#layout;
    const head = this.#memory.u64(ring + headId);
    const tail = this.#memory.u64(ring + tailId);
    if (head === undefined || tail === undefined || head + 1n === this.#nextId) return [];
    const bits = this.#memory.u32(ring + countBits) ?? 0;
    // Ids wrap at 62 bits; they begin just below that, so that a kernel's mistakes there are seen early.
    const count = (head - tail) & ID_MASK;
    if (bits === 0 || bits > 24 || count >= 1n << BigInt(bits)) return [];
    const behind = this.#nextId === undefined ? count + 1n : (head + 1n - this.#nextId) & ID_MASK;
    const from = behind > count + 1n ? tail : (head + 1n - behind) & ID_MASK;
    const records: PrintkRecord[] = [];
    for (let id = from; records.length < MAX_RECORDS; id = (id + 1n) & ID_MASK) {
      const record = this.#record(id, bits);
      if (record === 'later') {
        this.#nextId = id;
        return records;
      }
      if (record !== undefined) records.push(record);
      if (id === head) break;
    }
    this.#nextId = (head + 1n) & ID_MASK;
    return records;
  }

  #record(id: bigint, bits: number): PrintkRecord | 'later' | undefined {
    const at = this.#layout;
    const index = Number(id & ((1n << BigInt(bits)) - 1n));
    const descs = Number(this.#memory.u64(at.ring + at.descs) ?? 0n);
    const infos = Number(this.#memory.u64(at.ring + at.infos) ?? 0n);
    const desc = this.#memory.read(descs + index * at.descSize, at.descSize);
    const info = this.#memory.read(infos + index * at.infoSize, at.infoSize);
    if (desc.length < at.descSize || info.length < at.infoSize) return undefined;
    const stateVar = desc.readBigUInt64LE(at.state);
    const state = stateVar >> ID_BITS;
    if ((stateVar & ID_MASK) !== id) return undefined;
    if (state === 0n) return 'later';
    if (state !== COMMITTED && state !== FINALIZED) return undefined;
    const length = info.readUInt16LE(at.length);
    const begin = desc.readBigUInt64LE(at.begin);
    const text = length === 0 ? '' : this.#text(begin, desc.readBigUInt64LE(at.next), length);
    if (text === undefined) return undefined;
    return {
      seq: Number(info.readBigUInt64LE(at.seq)),
      time: info.readBigUInt64LE(at.time),
      level: info.readUInt8(at.level) >> 5,
      text,
    };
  }

  /** A block is its id (8 bytes) and the text; one that would not fit to the end of the ring begins at its start. */
  #text(begin: bigint, next: bigint, length: number): string | undefined {
    const { ring, sizeBits, data } = this.#layout;
    const bits = BigInt(this.#memory.u32(ring + sizeBits) ?? 0);
    if (bits === 0n || begin % 2n === 1n) return undefined;
    const wraps = begin >> bits !== next >> bits && next % (1n << bits) !== 0n;
    const start = wraps ? 0 : Number(begin % (1n << bits));
    const base = Number(this.#memory.u64(ring + data) ?? 0n);
    const bytes = this.#memory.read(base + start + 8, length);
    return bytes.toString('utf8').replace(/\0+$/, '');
  }
}
