// SPDX-License-Identifier: MIT
// Decodes events chunks of one thread into columns, and balances entries with exits on the way.
// The loop itself is the addon's (decoder.cc): a third of a report's time went by in it. The input was checked by CRC but may
// still be hostile.
import { decodeChunk } from '../recorder/addon.js';
import { EVENTS_HEADER_BYTES, type EventsRef } from './chunks.js';
import { FLAG, KIND } from './types.js';

/** What the addon is told and tells, in the order of DecodeState in decoder.h. */
const STATES = [
  'count',
  'opsBytes',
  'deltaBytes',
  'wordsBytes',
  'nsPerTick',
  'minimum',
  'kinds',
  'depth',
  'floor',
  'event',
  'ops',
  'delta',
  'words',
  'out',
  'payload',
  'time',
  'maxSite',
  'orphans',
  'synthetic',
  'last',
] as const;
const STATE = Object.fromEntries(STATES.map((name, i) => [name, i])) as Readonly<
  Record<(typeof STATES)[number], number>
>;
const NEEDS_ROOM = 1;
/** The addon's: an exit closes at most so many frames whose own exits are missing. */
const MAX_MISSING = 4096;
/** The addon's: it stops for room when less than this is left of the payload. */
const MAX_PAYLOAD = 64;

export class ThreadColumns {
  /** The decoded events: [0, count) of each column. */
  count = 0;
  ts = new Float64Array(0);
  kind = new Uint8Array(0);
  flags = new Uint8Array(0);
  id = new Uint32Array(0);
  arg = new Uint32Array(0);
  payloadStart = new Uint32Array(0);
  payload = new Uint32Array(0);
  /** The last time that was given out. */
  last = 0;
  /** Highest site number seen. */
  maxSite = -1;
  orphanExits = 0;
  syntheticExits = 0;

  /** Sites of the open frames, oldest first. */
  #stack = new Uint32Array(64);
  #depth = 0;
  readonly #state = new Float64Array(STATES.length);

  get open(): number {
    return this.#depth;
  }

  /** Makes room for n events; what was there is given up. */
  #reserve(events: number, words: number): void {
    if (this.ts.length < events) {
      const n = Math.max(events, 256);
      this.ts = new Float64Array(n);
      this.kind = new Uint8Array(n);
      this.flags = new Uint8Array(n);
      this.id = new Uint32Array(n);
      this.arg = new Uint32Array(n);
      this.payloadStart = new Uint32Array(n);
    }
    if (this.payload.length < words) this.payload = new Uint32Array(words);
  }

  /** Makes room for more events behind those that are there. */
  #grow(events: number): void {
    if (this.ts.length >= events) return;
    const n = Math.max(events, this.ts.length * 2);
    const grow = <T extends { set(from: T): void }>(old: T, bigger: T): T => {
      bigger.set(old);
      return bigger;
    };
    this.ts = grow(this.ts, new Float64Array(n));
    this.kind = grow(this.kind, new Uint8Array(n));
    this.flags = grow(this.flags, new Uint8Array(n));
    this.id = grow(this.id, new Uint32Array(n));
    this.arg = grow(this.arg, new Uint32Array(n));
    this.payloadStart = grow(this.payloadStart, new Uint32Array(n));
  }

  /** Fills the columns with exits of all open frames at one time (after a gap, or at the end). */
  closeAll(at: number): number {
    const n = this.#depth;
    this.#reserve(n, 0);
    this.last = Math.max(this.last, at);
    for (let i = 0; i < n; i++) this.#exit(i, this.#stack[n - 1 - i] as number);
    this.#depth = 0;
    this.count = n;
    return n;
  }

  #exit(at: number, site: number): void {
    this.ts[at] = this.last;
    this.kind[at] = KIND.exit;
    this.flags[at] = FLAG.synthetic;
    this.id[at] = site;
    this.arg[at] = 0;
    this.payloadStart[at] = 0;
    this.syntheticExits++;
  }

  /**
   * Decodes a chunk.
   * @param body the three columns, as one piece
   * @param start TSC ticks from the trace's start to the chunk's first event
   * @returns false when the chunk contradicts itself; it then counts as unreadable; the frames that it cannot have touched stay open
   */
  decode(ref: EventsRef, body: Uint8Array, start: number, nsPerTick: number): boolean {
    if (body.length !== ref.rawBytes - EVENTS_HEADER_BYTES) return false;
    const n = ref.count;
    this.#reserve(n + 64, n + MAX_PAYLOAD);
    if (this.#stack.length < this.#depth + n) {
      const bigger = new Uint32Array(this.#depth + n);
      bigger.set(this.#stack);
      this.#stack = bigger;
    }

    const state = this.#state.fill(0);
    state[STATE.count] = n;
    state[STATE.opsBytes] = ref.opsBytes;
    state[STATE.deltaBytes] = ref.deltaBytes;
    state[STATE.wordsBytes] = ref.wordsBytes;
    state[STATE.nsPerTick] = nsPerTick;
    state[STATE.minimum] = this.last;
    state[STATE.kinds] = ref.kinds ? 1 : 0;
    state[STATE.depth] = this.#depth;
    state[STATE.floor] = this.#depth; // frames of earlier chunks that are still open
    state[STATE.time] = start;
    state[STATE.maxSite] = this.maxSite;
    for (;;) {
      const { ts, kind, flags, id, arg, payloadStart, payload } = this;
      const result = decodeChunk(state, body, ts, kind, flags, id, arg, payloadStart, payload, this.#stack);
      if (result === 0) break;
      if (result !== NEEDS_ROOM) {
        this.#depth = Math.min(this.#depth, state[STATE.floor] as number);
        this.count = 0;
        return false;
      }
      if (payload.length < (state[STATE.payload] as number) + MAX_PAYLOAD) {
        this.payload = new Uint32Array(payload.length * 2 + MAX_PAYLOAD);
        this.payload.set(payload);
        continue;
      }
      // Exits are missing: those made up in their place need more room than the chunk has events.
      this.#grow(Math.max(ts.length * 2, (state[STATE.out] as number) + MAX_MISSING + n));
    }
    this.count = state[STATE.out] as number;
    this.#depth = state[STATE.depth] as number;
    this.maxSite = state[STATE.maxSite] as number;
    this.orphanExits += state[STATE.orphans] as number;
    this.syntheticExits += state[STATE.synthetic] as number;
    this.last = state[STATE.last] as number;
    return true;
  }
}
