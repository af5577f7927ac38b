// SPDX-License-Identifier: MIT
// 1,000 damaged files: the decoder must neither throw nor hang, must stay balanced, and must account for what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t from 'tap';
import { zstdCompress, zstdDecompress } from '../../../tracer/recorder/addon.js';
import { KIND, openTrace, TraceError } from '../../../tracer/decode/index.js';
import { makeTrace } from '../support/make-trace.js';

const CHUNK = 32;

/** A random number generator with a seed: a failure can be had again. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 12345;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface ChunkPlace {
  readonly at: number;
  readonly bytes: number;
  readonly type: number;
}

function chunksOf(file: Buffer): ChunkPlace[] {
  const chunks: ChunkPlace[] = [];
  for (let at = 32; at + CHUNK <= file.length; ) {
    const bytes = file.readUInt32LE(at + 16);
    chunks.push({ at, bytes, type: file.readUInt16LE(at + 4) });
    at += CHUNK + bytes;
  }
  return chunks;
}

/** Makes the checksums of a chunk right again, so that damage reaches the code behind them. */
function seal(file: Buffer, { at, bytes }: ChunkPlace): void {
  file.writeUInt32LE(crc32(file.subarray(at + CHUNK, at + CHUNK + bytes)), at + 24);
  file.writeUInt32LE(crc32(file.subarray(at, at + 28)), at + 28);
}

/** Opens and reads a file completely; returns what is wrong with the result. */
function read(path: string): string | undefined {
  let trace: ReturnType<typeof openTrace>;
  try {
    trace = openTrace(path);
  } catch (error) {
    return error instanceof TraceError ? undefined : `openTrace threw ${String(error)}`;
  }
  try {
    let last = 0;
    let bad: string | undefined;
    let seen = 0;
    const stacks = new Map<number, number[]>();
    trace.forEachBatch(
      (batch) => {
        const stack = stacks.get(batch.thread.uid) ?? [];
        stacks.set(batch.thread.uid, stack);
        for (let i = 0; i < batch.count; i++) {
          const ts = batch.ts[i] as number;
          if (!(ts >= last)) bad = `time goes from ${last} to ${ts}`;
          last = ts;
          if (batch.kind[i] === KIND.entry) stack.push(batch.id[i] as number);
          else if (batch.kind[i] === KIND.exit && stack.pop() !== batch.id[i]) bad = 'unbalanced exit';
          if (batch.flags[i] === 0) seen++;
          if (batch.kind[i] !== KIND.event && !trace.sites[batch.id[i] as number]) bad = 'site out of range';
        }
      },
      { order: 'time' },
    );
    for (const stack of stacks.values()) if (stack.length > 0) bad = 'open frame left';
    const { produced, recorded, lost, unreadable, orphanExits } = trace.totals;
    if (seen + orphanExits !== recorded) bad = `${seen} events + ${orphanExits} orphans != ${recorded} recorded`;
    if (produced !== recorded + lost + unreadable) bad = 'produced != recorded + lost + unreadable';
    for (const event of trace.events()) if (event.ts < 0) bad = 'negative time';
    return bad;
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  } finally {
    trace.close();
  }
}

t.test('1,000 damaged files', { timeout: 300_000 }, async (t) => {
  const dir = t.testdir();
  const good = readFileSync(await makeTrace(dir));
  const chunks = chunksOf(good);
  t.equal(read(join(dir, 'trace.ddet')), undefined, 'the undamaged file is good');
  const path = join(dir, 'damaged.ddet');
  const failures: string[] = [];
  let slowest = 0;
  for (let round = 0; round < 1000; round++) {
    const rnd = random(round);
    let file = Buffer.from(good);
    const way = round % 5;
    if (way === 0) {
      file = file.subarray(0, rnd(file.length));
    } else if (way === 1) {
      for (let n = 1 + rnd(20); n > 0; n--) file[rnd(file.length)] = rnd(256);
    } else if (way === 2) {
      const from = rnd(file.length);
      file = Buffer.concat([file.subarray(0, from), file.subarray(from + rnd(3000))]);
    } else if (way === 3) {
      // Damage with right checksums, in the stored bytes and in the header.
      const place = chunks[rnd(chunks.length)] as ChunkPlace;
      for (let n = 1 + rnd(5); n > 0; n--) file[place.at + 4 + rnd(20 + place.bytes)] = rnd(256);
      place.bytes === file.readUInt32LE(place.at + 16) && seal(file, place);
    } else {
      // Damage in the columns, compressed again: reaches the decoder itself.
      const events = chunks.filter((chunk) => chunk.type === 3);
      const place = events[rnd(events.length)] as ChunkPlace;
      const raw = file.readUInt32LE(place.at + 20);
      const head = file.subarray(place.at + CHUNK, place.at + CHUNK + 48);
      const stored = file.subarray(place.at + CHUNK + 48, place.at + CHUNK + place.bytes);
      const body = file.readUInt16LE(place.at + 6) & 1 ? zstdDecompress(stored, raw - 48) : Buffer.from(stored);
      for (let n = 1 + rnd(5); n > 0; n--) body[rnd(body.length)] = rnd(256);
      const packed = zstdCompress(body);
      const header = Buffer.from(file.subarray(place.at, place.at + CHUNK));
      header.writeUInt16LE(header.readUInt16LE(6) | 1, 6);
      header.writeUInt32LE(48 + packed.length, 16);
      const rest = file.subarray(place.at + CHUNK + place.bytes);
      file = Buffer.concat([file.subarray(0, place.at), header, head, packed, rest]);
      seal(file, { at: place.at, bytes: 48 + packed.length, type: 3 });
    }
    writeFileSync(path, file);
    const start = performance.now();
    const fault = read(path);
    slowest = Math.max(slowest, performance.now() - start);
    if (fault) failures.push(`round ${round}: ${fault}`);
  }
  t.same(failures, []);
  t.ok(slowest < 2000, `the slowest took ${slowest.toFixed(0)} ms`);
});

t.test('damage is accounted for', async (t) => {
  const dir = t.testdir();
  const file = readFileSync(
    await makeTrace(dir, { ringBytes: 64 << 20, args: ['--threads', 1, '--switches', 2000, '--burst', 100] }),
  );
  const whole = openTrace(join(dir, 'trace.ddet'));
  const events = chunksOf(file).filter((chunk) => chunk.type === 3);
  t.ok(events.length >= 3, `${events.length} events chunks`);
  const hit = events[1] as ChunkPlace;
  file.writeUInt32LE(0xdeadbeef, hit.at + CHUNK + 60);
  const path = join(dir, 'hit.ddet');
  writeFileSync(path, file);
  const trace = openTrace(path);
  t.equal(
    trace.totals.unreadable,
    file.readUInt32LE(hit.at + CHUNK + 32),
    'exactly the events of the chunk are unreadable',
  );
  t.equal(trace.totals.produced, whole.totals.produced);
  t.same(
    trace.corrupt.map(({ offset, length }) => ({ offset, length })),
    [{ offset: hit.at, length: CHUNK + hit.bytes }],
  );
  let gap = 0;
  trace.forEachBatch((batch) => {
    gap += batch.lostBefore;
  });
  t.equal(gap, trace.totals.unreadable, 'a gap is where they were');
});

t.test('files that are no traces', async (t) => {
  const dir = t.testdir({ empty: '', text: 'DDETRACE', other: 'x'.repeat(1000), sub: {} });
  for (const name of ['empty', 'text', 'other', 'sub', 'missing']) {
    t.throws(() => openTrace(join(dir, name)), { name: 'TraceError' }, name);
  }
  const file = readFileSync(await makeTrace(dir));
  file.writeUInt32LE(9, 8);
  file.writeUInt32LE(7, 12);
  file.writeUInt32LE(crc32(file.subarray(0, 28)), 28);
  writeFileSync(join(dir, 'newer'), file);
  t.throws(() => openTrace(join(dir, 'newer')), { code: 'ERR_DDE_TRACE_VERSION', message: /newer version/ });
});
