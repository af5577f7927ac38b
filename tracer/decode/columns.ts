// SPDX-License-Identifier: MIT
// Decodes events chunks of one thread into columns, and balances entries with exits on the way.
//
// Hot code: one pass, typed arrays, no objects and no BigInt per event. The input was checked by CRC but may still be hostile:
// reads beyond a column give undefined, which becomes 0; the columns' ends are compared after the loop.
import { EVENTS_HEADER_BYTES, type EventsRef } from './chunks.js';
import { FLAG, KIND } from './types.js';

const PREDICTOR_SLOTS = 4096;
/** As the encoder's: deeper frames are not on the chunk's own stack. */
const CHUNK_STACK = 4096;
const MAX_SITE = 1 << 20;
/** Arguments of an entry after the first: as many as there are registers. */
const MAX_ARGS = 5;
/** An exit closes at most so many frames whose own exits are missing; one that would need more is an orphan. */
const MAX_MISSING = 4096;

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
  readonly #chunkStack = new Uint32Array(CHUNK_STACK);
  readonly #lastValue = new Uint32Array(PREDICTOR_SLOTS);

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
    const opsEnd = ref.opsBytes;
    const deltaEnd = opsEnd + ref.deltaBytes;
    const wordsEnd = deltaEnd + ref.wordsBytes;
    const n = ref.count;
    // A word takes at least one byte; an event's first word is no payload, but its payload has a count in front.
    this.#reserve(n + 64, ref.wordsBytes);
    if (this.#stack.length < this.#depth + n) {
      const bigger = new Uint32Array(this.#depth + n);
      bigger.set(this.#stack);
      this.#stack = bigger;
    }

    let { ts, kind, flags, id, arg, payloadStart } = this;
    const { payload } = this;
    const stack = this.#stack;
    const chunkStack = this.#chunkStack;
    const lastValue = this.#lastValue.fill(0);
    let capacity = ts.length;
    let depth = this.#depth;
    const before = depth;
    let floor = depth; // frames of earlier chunks that are still open
    let chunkDepth = 0;
    let po = 0;
    let pd = opsEnd;
    let pw = deltaEnd;
    let out = 0;
    let pay = 0;
    let time = start;
    let maxSite = this.maxSite;
    let orphans = 0;
    const synthetic = this.syntheticExits;
    const minimum = this.last;
    let good = true;

    for (let i = 0; i < n; i++) {
      // op
      let op = body[po++] as number;
      if (op >= 128) {
        op &= 127;
        let shift = 7;
        let b = 128;
        while (b >= 128 && shift < 35) {
          b = body[po++] as number;
          op |= (b & 127) << shift;
          shift += 7;
        }
        op >>>= 0;
      }
      // delta
      let delta = body[pd++] as number;
      if (delta >= 128) {
        const b1 = body[pd++] as number;
        delta = (delta & 127) | ((b1 & 127) << 7);
        if (b1 >= 128) {
          let factor = 16384;
          let b = 128;
          while (b >= 128 && factor < 1e19) {
            b = body[pd++] as number;
            delta += (b & 127) * factor;
            factor *= 128;
          }
        }
      }
      time += delta;

      let tag = op & 3;
      let key = op;
      let number = op >>> 2;
      let extra = 0;
      if (op === 0) {
        if (chunkDepth === 0) {
          good = false;
          break;
        }
        number = chunkStack[--chunkDepth] as number;
        tag = 2;
        key = ((number << 2) | 2) >>> 0;
      } else if (tag === 2) {
        chunkDepth = 0;
      } else if (tag === 3) {
        extra = (number & 15) * 4;
      } else if (tag === 0) {
        extra = number & 7;
        number >>>= 3;
        if (extra === 0 || extra > MAX_ARGS) {
          good = false;
          break;
        }
      }

      // first word
      const slot = Math.imul(key, 2654435761) >>> 20;
      let word = body[pw++] as number;
      if (word >= 128) {
        word &= 127;
        let shift = 7;
        let b = 128;
        while (b >= 128 && shift < 35) {
          b = body[pw++] as number;
          word |= (b & 127) << shift;
          shift += 7;
        }
      }
      word = ((lastValue[slot] as number) + ((word >>> 1) ^ -(word & 1))) >>> 0;
      lastValue[slot] = word;

      if (tag < 2) {
        if (number >= MAX_SITE) {
          good = false;
          break;
        }
        if (chunkDepth < CHUNK_STACK) chunkStack[chunkDepth] = number;
        chunkDepth++;
        if (number > maxSite) maxSite = number;
        stack[depth++] = number;
        kind[out] = KIND.entry;
        id[out] = number;
        payloadStart[out] = 0;
      } else if (tag === 2) {
        // The frame that ends: the innermost, unless exits in between are missing.
        let d = depth - 1;
        const lowest = depth > MAX_MISSING ? depth - MAX_MISSING : 0;
        while (d >= lowest && stack[d] !== number) d--;
        if (d < lowest) {
          orphans++;
          continue;
        }
        if (d < depth - 1) {
          const missing = depth - 1 - d;
          this.#grow(out + missing + (n - i) + 1);
          ({ ts, kind, flags, id, arg, payloadStart } = this);
          capacity = ts.length;
          this.last = Math.max(minimum, time * nsPerTick);
          while (depth - 1 > d) this.#exit(out++, stack[--depth] as number);
        }
        depth--;
        if (depth < floor) floor = depth;
        kind[out] = KIND.exit;
        id[out] = number;
      } else {
        kind[out] = KIND.event;
        id[out] = number >>> 4;
      }
      if (tag === 3 || extra > 0) {
        payload[pay++] = extra;
        payloadStart[out] = pay;
        for (let w = 1; w <= extra; w++) {
          let value = body[pw++] as number;
          if (value >= 128) {
            value &= 127;
            let shift = 7;
            let b = 128;
            while (b >= 128 && shift < 35) {
              b = body[pw++] as number;
              value |= (b & 127) << shift;
              shift += 7;
            }
          }
          const s = (slot + w) & (PREDICTOR_SLOTS - 1);
          value = ((lastValue[s] as number) + ((value >>> 1) ^ -(value & 1))) >>> 0;
          lastValue[s] = value;
          payload[pay++] = value;
        }
      }
      if (out >= capacity) {
        this.#grow(out + (n - i) + 1);
        ({ ts, kind, flags, id, arg, payloadStart } = this);
        capacity = ts.length;
      }
      const ns = time * nsPerTick;
      ts[out] = ns < minimum ? minimum : ns;
      flags[out] = 0;
      arg[out] = word;
      out++;
    }

    if (!good || po !== opsEnd || pd !== deltaEnd || pw !== wordsEnd) {
      this.syntheticExits = synthetic;
      this.last = minimum;
      this.#depth = Math.min(before, floor);
      this.count = 0;
      return false;
    }
    this.count = out;
    this.#depth = depth;
    this.maxSite = maxSite;
    this.orphanExits += orphans;
    this.last = Math.max(minimum, time * nsPerTick);
    return true;
  }
}
