// SPDX-License-Identifier: MIT
// A trace file as one object: threads, clock, totals, and the events as batches.
import { zstdDecompressInto } from '../recorder/addon.js';
import { callArgs, eventArgs } from './args.js';
import { CHUNK, ChunkFile, type EventsRef, EVENTS_HEADER_BYTES, ticks } from './chunks.js';
import { type Clock, makeClock } from './clock.js';
import { BatchCursor, batchesByThread, type Run, runsByTime, slice } from './merge.js';
import {
  count,
  halves,
  type Json,
  parseObject,
  readEventTable,
  readMetadata,
  readSites,
  readSymbols,
  roleOf,
  text,
  unknownSite,
} from './metadata.js';
import {
  type BatchOptions,
  type CorruptRegion,
  type EventBatch,
  FLAG,
  KIND,
  type PlacedEvent,
  type Trace,
  type TraceCost,
  type TraceEvent,
  type TraceMetadata,
  type TraceSite,
  type TraceThread,
  type TraceTotals,
} from './types.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What is known of a thread while the file is being looked through. */
interface ThreadRecord {
  json: Json;
  chunks: EventsRef[];
  ended: boolean;
}

/** What the chunks of a file say, before any event is read. */
interface Told {
  readonly all: Json;
  readonly records: ReadonlyMap<number, ThreadRecord>;
  readonly clocks: readonly DataView[];
  readonly control: Json;
  readonly end: Json | undefined;
  /** Sites that could not be switched on. */
  readonly skipped: number;
}

function readChunks(file: ChunkFile): Told {
  const all: Json = {};
  const records = new Map<number, ThreadRecord>();
  const clocks: DataView[] = [];
  let control: Json = {};
  let end: Json | undefined;
  let skipped = 0;
  const record = (uid: number): ThreadRecord => {
    const found = records.get(uid) ?? { json: {}, chunks: [], ended: false };
    records.set(uid, found);
    return found;
  };
  for (const chunk of file.chunks) {
    if (chunk.type === CHUNK.events) {
      record(chunk.thread).chunks.push(chunk as EventsRef);
      continue;
    }
    const body = file.body(chunk);
    if (!body) continue;
    if (chunk.type === CHUNK.clock) {
      if (body.length >= 24) clocks.push(new DataView(Uint8Array.from(body.subarray(0, 24)).buffer));
      continue;
    }
    const json = parseObject(body);
    if (!json) {
      file.addCorrupt(chunk.offset, chunk.bytes, 'a chunk should hold a JSON object');
      continue;
    }
    if (chunk.type === CHUNK.meta) Object.assign(all, json);
    else if (chunk.type === CHUNK.control) {
      control = json;
      // What could not be switched off at the end of a recording has been recorded all the same.
      if (count(json['categories']) + count(json['patchedSites']) > 0)
        skipped = Math.max(skipped, count(json['skippedSites']));
    } else if (chunk.type === CHUNK.end) end = json;
    else if (chunk.type === CHUNK.thread) {
      const thread = record(chunk.thread);
      thread.json = { ...thread.json, ...json };
      thread.ended ||= 'recorded' in json;
    }
  }
  return { all, records, clocks, control, end, skipped };
}

class FileTrace implements Trace {
  readonly path: string;
  readonly version: number;
  readonly metadata: TraceMetadata;
  readonly threads: TraceThread[];
  readonly sites: TraceSite[];
  readonly eventById: ReadonlyMap<number, PlacedEvent>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly startTime: number;
  readonly duration: number;
  readonly nsPerTick: number;
  readonly cost: TraceCost | undefined;
  readonly skippedSites: number;
  readonly complete: boolean;
  readonly totals: Mutable<TraceTotals>;
  readonly #file: ChunkFile;
  readonly #clock: Clock;
  readonly #chunks: EventsRef[][] = [];
  /** Chunks that did not decode: their events were moved from recorded to unreadable. */
  readonly #bad = new Set<EventsRef>();
  readonly #endOf: number[] = [];

  constructor(file: ChunkFile) {
    this.#file = file;
    this.path = file.path;
    this.version = file.version;
    const { all, records, clocks, control, end, skipped } = readChunks(file);
    const order = [...records.keys()].sort((a, b) => a - b);
    const first = order.map((uid) => records.get(uid)?.chunks[0]).filter((ref) => ref !== undefined);
    this.#clock = makeClock(first, clocks, control);
    this.nsPerTick = this.#clock.nsPerTick;
    this.startTime = this.#clock.startTime;
    this.complete = end !== undefined;
    this.cost = this.#readCost(control);
    this.skippedSites = skipped;
    this.sites = readSites(all);
    this.metadata = readMetadata(all, this.sites, readSymbols(all));
    const table = readEventTable(all);
    this.eventById = table.events;
    this.enums = table.enums;

    this.totals = {
      produced: 0,
      recorded: 0,
      lost: count(end?.['noRingLost']),
      filtered: 0,
      unreadable: 0,
      orphanExits: 0,
      syntheticExits: 0,
    };
    this.threads = [];
    this.duration = order.reduce(
      (latest, uid) => Math.max(latest, this.#add(uid, records.get(uid) as ThreadRecord)),
      0,
    );
    const { recorded, lost, filtered, unreadable } = this.totals;
    this.totals.produced = recorded + lost + filtered + unreadable;
  }

  /** Adds a thread and what was recorded of it to the totals; returns when its last event was. */
  #add(uid: number, { json, chunks, ended }: ThreadRecord): number {
    const good = this.#inOrder(chunks);
    const recorded = good.reduce((sum, ref) => sum + ref.count, 0);
    const last = good.at(-1);
    const known = Math.max(ended ? count(json['recorded']) : 0, last ? last.recordedStart + last.count : 0);
    const lost = Math.max(ended ? count(json['lost']) : 0, last ? last.lostStart : 0);
    const filtered = ended ? count(json['filtered']) : 0;
    const exitTsc = halves(json['exitTsc']);
    const lastTime = last ? this.#clock.ns(last.lastTscLo, last.lastTscHi) : 0;
    const exit = exitTsc && Math.max(this.#clock.ns(exitTsc[0], exitTsc[1]), lastTime);
    const unreadable = known - recorded;
    this.#endOf.push(exit ?? -1);
    this.threads.push({
      index: this.threads.length,
      uid,
      tid: count(json['tid']),
      name: text(json['name'], `thread#${uid}`),
      role: roleOf(json['role']),
      ...(exit !== undefined && { exit }),
      produced: recorded + lost + filtered + unreadable,
      recorded,
      lost,
      filtered,
      unreadable,
    });
    this.#chunks.push(good);
    this.totals.recorded += recorded;
    this.totals.lost += lost;
    this.totals.filtered += filtered;
    this.totals.unreadable += unreadable;
    return lastTime;
  }

  get corrupt(): readonly CorruptRegion[] {
    return this.#file.corrupt;
  }

  forEachBatch(callback: (batch: EventBatch) => boolean | undefined | void, options: BatchOptions = {}): void {
    for (const batch of this.#batches(options)) if (callback(batch) === false) break;
  }

  forEachRun(visit: (batch: EventBatch, from: number, to: number) => boolean | undefined | void): void {
    for (const { batch, from, to } of this.#runs({})) if (visit(batch, from, to) === false) break;
  }

  *events(options: BatchOptions = {}): Generator<TraceEvent> {
    for (const batch of this.#batches(options)) {
      for (let i = 0; i < batch.count; i++) yield this.#object(batch, i);
    }
  }

  close(): void {
    this.#file.close();
  }

  *#batches(options: BatchOptions): Generator<EventBatch> {
    if (options.order === 'time') {
      for (const { batch, from, to } of this.#runs(options)) yield slice(batch, from, to);
      return;
    }
    const cursors = this.#cursors(options);
    yield* batchesByThread(cursors);
    this.#counted(cursors);
  }

  *#runs(options: BatchOptions): Generator<Run> {
    const cursors = this.#cursors(options);
    yield* runsByTime(cursors);
    this.#counted(cursors);
  }

  #cursors({ threads }: BatchOptions): BatchCursor[] {
    return this.threads.filter((t) => threads?.includes(t.index) ?? true).map((thread) => this.#cursor(thread));
  }

  /** Only a full pass knows; one over some threads, or one that was stopped, leaves the counts of the last full one. */
  #counted(cursors: readonly BatchCursor[]): void {
    if (cursors.length < this.threads.length) return;
    this.totals.orphanExits = cursors.reduce((sum, cursor) => sum + cursor.columns.orphanExits, 0);
    this.totals.syntheticExits = cursors.reduce((sum, cursor) => sum + cursor.columns.syntheticExits, 0);
  }

  #object(batch: EventBatch, i: number): TraceEvent {
    const id = batch.id[i] as number;
    const kind = batch.kind[i] as number;
    const event = kind === KIND.event ? this.eventById.get(id) : undefined;
    return {
      thread: batch.thread,
      ts: batch.ts[i] as number,
      kind: kind === KIND.entry ? 'entry' : kind === KIND.exit ? 'exit' : 'event',
      name: kind === KIND.event ? (event?.name ?? `event#${id}`) : (this.sites[id]?.name ?? `site#${id}`),
      id,
      arg: batch.arg[i] as number,
      synthetic: ((batch.flags[i] as number) & FLAG.synthetic) !== 0,
      args: event ? eventArgs(event, batch, i) : callArgs(this, batch, i),
    };
  }

  #readCost(control: Json): TraceCost | undefined {
    const pair = count(control['costPair']);
    if (pair === 0) return undefined;
    const scale = this.nsPerTick / 1000;
    return {
      pair: pair * scale,
      inner: count(control['costInner']) * scale,
      event: count(control['costEvent']) * scale,
      args: count(control['costArgs']) * scale,
    };
  }

  /** The chunks that continue each other; one that goes back in count or time is not of this recording. */
  #inOrder(chunks: readonly EventsRef[]): EventsRef[] {
    const good: EventsRef[] = [];
    for (const ref of chunks) {
      const last = good.at(-1);
      const follows =
        !last ||
        (ref.recordedStart >= last.recordedStart + last.count &&
          ref.lostStart >= last.lostStart &&
          ticks(ref.firstTscLo, ref.firstTscHi, last.lastTscLo, last.lastTscHi) >= 0);
      if (follows) good.push(ref);
      else this.#file.addCorrupt(ref.offset, ref.bytes, 'an events chunk is out of order');
    }
    return good;
  }

  #cursor(thread: TraceThread): BatchCursor {
    const end = this.#endOf[thread.index] as number;
    return new BatchCursor({
      thread,
      chunks: this.#chunks[thread.index] as EventsRef[],
      end: end >= 0 ? end : this.duration,
      start: (ref) => this.#clock.ticks(ref.firstTscLo, ref.firstTscHi),
      nsPerTick: this.nsPerTick,
      body: (ref) => (this.#bad.has(ref) ? undefined : this.#file.body(ref, EVENTS_HEADER_BYTES)),
      bad: (ref) => this.#unreadable(thread, ref),
      site: (max) => {
        while (this.sites.length <= max) this.sites.push(unknownSite(this.sites.length));
      },
    });
  }

  /** Moves a chunk that does not decode from recorded to unreadable. */
  #unreadable(thread: TraceThread, ref: EventsRef): void {
    if (this.#bad.has(ref)) return;
    this.#bad.add(ref);
    this.#file.addCorrupt(ref.offset, ref.bytes, 'an events chunk does not decode');
    const counts = thread as Mutable<TraceThread>;
    counts.recorded -= ref.count;
    counts.unreadable += ref.count;
    this.totals.recorded -= ref.count;
    this.totals.unreadable += ref.count;
  }
}

/** Opens a trace file. Throws TraceError when it is none; damage inside is no error. */
export function openTrace(path: string): Trace {
  return new FileTrace(new ChunkFile(path, zstdDecompressInto));
}
