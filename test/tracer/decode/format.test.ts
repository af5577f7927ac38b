// SPDX-License-Identifier: MIT
// FORMAT.md 1.5 says all that one needs: this reader was written from it, and finds what the decoder finds.
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createTraceRegion, openRegion, zstdDecompressInto } from '../../../tracer/recorder/addon.js';
import { KIND, openTrace } from '../../../tracer/decode/index.js';
import { type HandEvent, HandThread } from '../support/hand-ring.js';

class Bytes {
  #at = 0;
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  get ended(): boolean {
    return this.#at === this.bytes.length;
  }
  byte(): number {
    return this.bytes.readUInt8(this.#at++);
  }
  varint(): bigint {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.byte());
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  }
  short(): bigint {
    const first = this.bytes.readUInt8(this.#at);
    const count = 1 + Math.log2(first & -first);
    let value = 0n;
    for (let i = 0; i < count; i++) value |= BigInt(this.byte()) << BigInt(8 * i);
    return value >> BigInt(count);
  }
}

interface Found {
  readonly id: number;
  readonly ticks: bigint;
  readonly words: readonly number[];
}
interface Kind {
  readonly id: number;
  readonly mask: bigint;
}

const wordsOf = (id: number): number => {
  const count = (id >>> 24) & 15;
  return 1 + (id >>> 28 === 3 ? 4 * count : count);
};
const hash = (x: number): number => Number(((BigInt(x) * 2654435761n) & 0xffffffffn) >> 23n);
const sum = (a: number, b: number): number => (a + b) >>> 0;

function eventsOf(count: number, ops: Bytes, delta: Bytes, words: Bytes): Found[] {
  const kinds: Kind[] = [];
  const tables = new Map<number, { last: number; step: number; odd: number }[]>();
  let recent = [0, 0, 0];
  const follower = new Uint32Array(512);
  const events: Found[] = [];
  for (let i = 0; i < count; i++) {
    let number = ops.byte();
    if (number >= 224) number = 224 + (((number - 224) << 8) | ops.byte());
    if (number === kinds.length) kinds.push({ id: Number(ops.varint()), mask: ops.varint() });
    const { id, mask } = kinds[number] as Kind;
    const table = tables.get(id) ?? Array.from({ length: wordsOf(id) }, () => ({ last: 0, step: 0, odd: 0 }));
    tables.set(id, table);
    for (const [w, of] of table.entries()) {
      if (((mask >> BigInt(w)) & 1n) === 0n) {
        of.last = sum(of.last, of.step);
        continue;
      }
      const v = words.short();
      const [r0, r1, r2] = recent as [number, number, number];
      const z = Number(v - 4n);
      const d =
        v === 0n
          ? r0
          : v === 1n
            ? r1
            : v === 2n
              ? r2
              : v === 3n
                ? sum(follower[hash(of.last)] as number, -of.last)
                : ((z >>> 1) ^ -(z & 1)) >>> 0;
      if (v === 1n) recent = [r1, r0, r2];
      else if (v !== 0n) recent = [d, r0, r1];
      follower[hash(of.last)] = sum(of.last, d);
      of.last = sum(of.last, d);
      if (d === of.odd) of.step = d;
      of.odd = d;
    }
    events.push({ id, ticks: delta.short(), words: table.map(({ last }) => last) });
  }
  t.ok(ops.ended && delta.ended && words.ended, 'each column ends with the last event');
  return events;
}

/** The events of a file, chunk by chunk. */
function readByTheBook(file: string): Found[] {
  const all = readFileSync(file);
  const events: Found[] = [];
  for (let at = 32; at < all.length; at += 32 + all.readUInt32LE(at + 16)) {
    if (all.readUInt16LE(at + 4) !== 3) continue;
    t.ok((all.readUInt16LE(at + 6) & 2) !== 0, 'events by kinds');
    const [head, end] = [at + 32, at + 32 + all.readUInt32LE(at + 16)];
    let body = all.subarray(head + 48, end);
    if ((all.readUInt16LE(at + 6) & 1) !== 0) {
      const raw = Buffer.alloc(all.readUInt32LE(at + 20) - 48);
      zstdDecompressInto(body, raw);
      body = raw;
    }
    const [count, ops, delta, words] = [32, 36, 40, 44].map((offset) => all.readUInt32LE(head + offset)) as [
      number,
      number,
      number,
      number,
    ];
    const columns = [
      body.subarray(0, ops),
      body.subarray(ops, ops + delta),
      body.subarray(ops + delta, ops + delta + words),
    ];
    const [a, b, c] = columns.map((bytes) => new Bytes(bytes)) as [Bytes, Bytes, Bytes];
    events.push(...eventsOf(count, a, b, c));
  }
  return events;
}

t.test('a reader that was written from FORMAT.md', async (t) => {
  const events: HandEvent[] = [];
  for (let i = 0, now = 1000; i < 4000; i++) {
    now += 6 + (i % 700 === 0 ? 2 ** 33 : i % 9 === 0 ? 20_000 : i % 50);
    const buffer = (0xff00_0000 + (i % 13) * 0x4321_0000 + i) >>> 0;
    // More than 224 kinds, of all shapes.
    events.push({
      kind: 'entry',
      tsc: now,
      id: i % 300,
      arg: buffer,
      words: [buffer, i, 7, i * i, i & 4].slice(0, i % 6),
    });
    const typed = i % 16;
    const more = Array.from({ length: 4 * typed }, (_, w) =>
      w % 3 === 0 ? buffer : w % 3 === 1 ? (i & 1) * w : i >>> w,
    );
    events.push({ kind: 'event', tsc: now + 1, id: 100 + typed, arg: i % 5, words: more });
    events.push({ kind: 'exit', tsc: now + 5, id: i % 300, arg: i % 3 === 0 ? buffer : 0, words: [] });
  }
  const file = join(t.testdir(), 'trace.ddet');
  const ringBytes = 4 << 20;
  const fd = createTraceRegion({ ringBytes });
  const region = openRegion(fd);
  const drain = region.startDrain({ file, metadata: {} });
  new HandThread(fd, 0, ringBytes).write(events);
  await drain.stop();
  region.close();
  closeSync(fd);

  const found = readByTheBook(file);
  t.equal(found.length, events.length);
  let wrong: string | undefined;
  let now = BigInt(events[0]?.tsc as number);
  for (const [i, event] of events.entries()) {
    const { id, ticks, words } = found[i] as Found;
    now += ticks;
    const got = { kind: id >>> 28, number: id & 0xffffff, now: Number(now), words };
    const want = { kind: KIND[event.kind], number: event.id, now: event.tsc, words: [event.arg, ...event.words] };
    if (JSON.stringify(got) !== JSON.stringify(want))
      wrong ??= `event ${i}: ${JSON.stringify(got)} in place of ${JSON.stringify(want)}`;
  }
  t.equal(wrong, undefined);
  const trace = openTrace(file);
  t.equal([...trace.events()].length, events.length);
  t.same(trace.corrupt, []);
  trace.close();
});
