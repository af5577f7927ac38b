// SPDX-License-Identifier: MIT
// The typed face of the native addon: trace regions, recording, decompression, hashing. The only place that touches it.
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { CATEGORY, ENUMS, EVENT_TABLE, EVENT_TABLE_VERSION } from '../decode/events.gen.js';
import type { PlacedEvent } from '../format/layout.js';
import { loadAddon } from './loader.js';
import { TRIGGER_ACTIONS, type Trigger } from './triggers.js';

/** What happens when a ring is full: `drop` loses the newest events (a recorder drains it), `overwrite` the oldest. */
export type RingMode = 'drop' | 'overwrite';
export type CategoryName = keyof typeof CATEGORY;

export interface RegionInfo {
  /** The driver process has attached itself. */
  readonly ready: boolean;
  readonly invariantTsc: boolean;
  readonly pid: number;
  readonly ringBytes: number;
  readonly mode: RingMode;
  /** Bit mask, see CATEGORY. */
  readonly categories: number;
  readonly depthLimit: number;
  readonly generation: number;
  /** Equals `generation` when the driver process has done what was asked for. */
  readonly appliedGeneration: number;
  readonly siteCount: number;
  readonly apiSiteCount: number;
  readonly patchedSites: number;
  /** Sites left alone since a breakpoint stands in them. */
  readonly skippedSites: number;
  readonly drainerPid: number;
  readonly noRingLost: number;
  readonly cells: number;
  /** How often a trigger asked for a snapshot, and how often one ended the recording, since the process began. */
  readonly snapshots: number;
  readonly stops: number;
  /** Calls since they were set, in the order of Control.triggers; behind their end numbers of earlier ones. */
  readonly triggerHits: readonly number[];
}

export interface RegionThread {
  readonly uid: number;
  readonly tid: number;
  readonly role: number;
  readonly name: string;
  readonly live: boolean;
  /** Bytes ever written to its ring. */
  readonly ringPosition: number;
  readonly lost: number;
}

export interface Control {
  /** Names, or a bit mask. */
  readonly categories?: readonly CategoryName[] | number;
  /** Bit i = site i of sites.json. What lies beyond its end is switched off. Left out: as it is. */
  readonly sites?: Uint8Array;
  /** Byte i = how many arguments after the first (0 to 5) an entry of site i records. Left out: as it is. */
  readonly args?: Uint8Array;
  readonly mode?: RingMode;
  /** Nested traced calls deeper than this are not recorded; 0 = all. */
  readonly depthLimit?: number;
  /** Bit i = tracepoint i of tracepoints.json; they need the category `tracepoint`. */
  readonly tracepoints?: Uint8Array;
  /** At most MAX_TRIGGERS. */
  readonly triggers?: readonly Trigger[];
}

/** What a recorder asks for now. */
export interface Asked {
  readonly sites: Uint8Array;
  readonly args: Uint8Array;
  readonly tracepoints: Uint8Array;
  readonly triggers: readonly Trigger[];
}

export interface DrainOptions {
  readonly file: string;
  /** Written into the file; see TraceMetadata. */
  readonly metadata: object;
  /** zstd level, -5 (fast) to 19 (small); default -1. */
  readonly level?: number;
  /** True for a process that was running before: what its rings hold already belongs to nobody. */
  readonly attach?: boolean;
  /** Nanoseconds: calls that took less are left out. Default: none are. */
  readonly minDuration?: number;
  /**
   * Reads along with the recorder of the process, if there is one, and disturbs it in nothing: the rings do not wait for a follower. What
   * they overwrote before it came to it is counted as lost.
   */
  readonly follow?: boolean;
}

export interface ThreadTotals {
  readonly uid: number;
  readonly tid: number;
  readonly name: string;
  readonly produced: number;
  readonly recorded: number;
  readonly lost: number;
  readonly filtered: number;
}

export interface DrainTotals {
  /** recorded + lost + filtered */
  readonly produced: number;
  /** Events in the file. */
  readonly recorded: number;
  readonly lost: number;
  /** Entries and exits of calls that were left out, see DrainOptions.minDuration. */
  readonly filtered: number;
  /** Part of `lost`: from threads that had no ring. */
  readonly noRingLost: number;
  /** Stretches of ring memory that made no sense. */
  readonly damaged: number;
  /** Places of the code that were not switched on, as a debugger's breakpoint stood there: their calls and events are not recorded. */
  readonly skippedSites: number;
  /** Size of the file. */
  readonly bytes: number;
  /** Set when the file could not be written (disk full); what the file holds is good. */
  readonly error?: string;
  readonly errno?: number;
  readonly threads: readonly ThreadTotals[];
}

interface NativeDrain {
  totals(): DrainTotals;
  stop(): Promise<DrainTotals>;
  addMetadata(json: string): void;
}
interface NativeDrainOptions {
  file: string;
  metadata: string;
  level?: number;
  attach?: boolean;
  follow?: boolean;
  minDuration?: number;
}
interface NativeRegion {
  info(): Omit<RegionInfo, 'mode'> & { mode: number };
  generation(): number;
  threads(): RegionThread[];
  setControl(control: {
    categories?: number;
    sites?: Uint8Array;
    args?: Uint8Array;
    mode?: number;
    depthLimit?: number;
    tracepoints?: Uint8Array;
    triggers?: { site: number; action: number }[];
  }): number;
  asked(): {
    sites: Uint8Array;
    args: Uint8Array;
    tracepoints: Uint8Array;
    triggers: { site: number; action: number }[];
  };
  startDrain(options: NativeDrainOptions): NativeDrain;
  snapshot(options: NativeDrainOptions): DrainTotals;
  close(): void;
}
interface Native {
  Region: new (fd: number) => NativeRegion;
  Xxh64: new () => Xxh64;
  createRegion(ringBytes: number, mode: number): number;
  decodeChunk(...args: Parameters<typeof decodeChunk>): number;
  zstdDecompressInto(source: Uint8Array, target: Uint8Array): number;
  zstdDecompress(source: Uint8Array, rawBytes: number): Buffer;
  zstdCompress(source: Uint8Array, level?: number): Buffer;
}

/** A running XXH64 (seed 0). */
export interface Xxh64 {
  update(data: Uint8Array): Xxh64;
  digest(): bigint;
}

const native = (): Native => loadAddon() as Native;
const MODES: readonly RingMode[] = ['drop', 'overwrite'];

/** The bit mask of category names. */
export function categoryMask(names: readonly CategoryName[] | number): number {
  if (typeof names === 'number') return names >>> 0;
  return names.reduce((mask, name) => (mask | CATEGORY[name]) >>> 0, 0);
}

/** A bitmap with the bits of these sites set. */
export function siteBitmap(sites: Iterable<number>): Uint8Array {
  let bits = new Uint8Array(1024);
  for (const site of sites) {
    if (site >> 3 >= bits.length) {
      const bigger = new Uint8Array(Math.max(bits.length * 2, (site >> 3) + 1));
      bigger.set(bits);
      bits = bigger;
    }
    bits[site >> 3] = (bits[site >> 3] ?? 0) | (1 << (site & 7));
  }
  return bits;
}

/** The event table of a file; `more`: the kernel's own tracepoints. */
export function eventTable(more: readonly PlacedEvent[] = []): object {
  return { version: EVENT_TABLE_VERSION, categories: CATEGORY, enums: ENUMS, events: [...EVENT_TABLE, ...more] };
}

function nativeOptions({ file, metadata, level, attach, follow, minDuration }: DrainOptions): NativeDrainOptions {
  const limit = minDuration === undefined || minDuration <= 0 ? {} : { minDuration };
  return {
    file,
    metadata: JSON.stringify({ eventTable: eventTable(), ...limit, ...metadata }),
    ...(level !== undefined && { level }),
    attach: attach ?? false,
    follow: follow ?? false,
    ...limit,
  };
}

/** A recording that is going on. */
export class Drain {
  readonly #native: NativeDrain;
  #stopped: Promise<DrainTotals> | undefined;

  constructor(nativeDrain: NativeDrain) {
    this.#native = nativeDrain;
  }

  /** The count so far, up to a quarter of a second old. `error` is set when the recording has come to an end by itself. */
  totals(): DrainTotals {
    return this.#native.totals();
  }

  /** Adds keys to the metadata in the file, for instance the workload's result. */
  addMetadata(metadata: object): void {
    this.#native.addMetadata(JSON.stringify(metadata));
  }

  /** Reads what is left in the rings (also when the process is dead) and ends the file. */
  stop(): Promise<DrainTotals> {
    this.#stopped ??= this.#native.stop();
    return this.#stopped;
  }
}

/** The shared memory of one driver process. */
export class Region {
  readonly #native: NativeRegion;

  constructor(nativeRegion: NativeRegion) {
    this.#native = nativeRegion;
  }

  info(): RegionInfo {
    const info = this.#native.info();
    return { ...info, mode: MODES[info.mode] ?? 'drop' };
  }

  /** `info().generation` without all the rest: for those who look often. */
  generation(): number {
    return this.#native.generation();
  }

  threads(): RegionThread[] {
    return this.#native.threads();
  }

  /** Asks the driver process for a change; it takes place at the process's next safe point (see waitApplied). */
  setControl(control: Control): number {
    return this.#native.setControl({
      ...(control.categories !== undefined && { categories: categoryMask(control.categories) }),
      ...(control.sites !== undefined && { sites: control.sites }),
      ...(control.args !== undefined && { args: control.args }),
      ...(control.mode !== undefined && { mode: MODES.indexOf(control.mode) }),
      ...(control.depthLimit !== undefined && { depthLimit: control.depthLimit }),
      ...(control.tracepoints !== undefined && { tracepoints: control.tracepoints }),
      ...(control.triggers !== undefined && {
        triggers: control.triggers.map(({ site, action }) => ({ site, action: TRIGGER_ACTIONS.indexOf(action) + 1 })),
      }),
    });
  }

  /** For changing a part of it: what was set last, by whomever. */
  asked(): Asked {
    const { triggers, ...bits } = this.#native.asked();
    return {
      ...bits,
      triggers: triggers.flatMap(({ site, action }) => {
        const known = TRIGGER_ACTIONS[action - 1];
        return known === undefined ? [] : [{ site, action: known }];
      }),
    };
  }

  /** Resolves to false when the process has not reached a safe point in time (it is stopped, or dead). */
  async waitApplied(timeoutMs: number): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const info = this.#native.info();
      if (info.appliedGeneration === info.generation) return true;
      if (performance.now() >= end) return false;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Starts to move events into a file, in a thread of its own. Throws with code ERR_DDE_TRACE_FILE, ERR_DDE_BUSY. */
  startDrain(options: DrainOptions): Drain {
    return new Drain(this.#native.startDrain(nativeOptions(options)));
  }

  /** Writes what the rings hold now into a file (flight recorder). The process may go on. */
  snapshot(options: Omit<DrainOptions, 'attach' | 'follow'>): DrainTotals {
    return this.#native.snapshot(nativeOptions(options));
  }

  close(): void {
    this.#native.close();
  }
}

/**
 * Makes the shared memory for a driver process that is about to start. Returns a file descriptor to hand to the child
 * (`--trace-fd N`) and to openRegion; close it when the child runs.
 */
export function createTraceRegion(options: { ringBytes?: number; mode?: RingMode } = {}): number {
  return native().createRegion(options.ringBytes ?? 16 << 20, MODES.indexOf(options.mode ?? 'drop'));
}

/** Opens a region by descriptor, or by path (`/proc/PID/fd/N`, which holds the memfd named "ddetrace"). */
export function openRegion(source: number | string): Region {
  if (typeof source === 'number') return new Region(new (native().Region)(source));
  const fd = openSync(source, 'r+');
  try {
    return new Region(new (native().Region)(fd));
  } finally {
    closeSync(fd);
  }
}

/**
 * The trace region of a running driver process, as a path for openRegion; undefined when the process has none, is gone, or belongs to
 * somebody else.
 */
export function findRegion(pid: number): string | undefined {
  const dir = `/proc/${pid}/fd`;
  try {
    for (const fd of readdirSync(dir)) {
      if (readlinkSync(`${dir}/${fd}`).startsWith('/memfd:ddetrace')) return `${dir}/${fd}`;
    }
  } catch {
    // Gone, or not ours.
  }
  return undefined;
}

export function createXxh64(): Xxh64 {
  return new (native().Xxh64)();
}

/**
 * Decodes events of a chunk into columns, on from where `state` says (decoder.h tells its numbers).
 * Returns 0 at the chunk's end, 1 when the columns have no room for the next event, 2 when the chunk contradicts itself.
 */
export function decodeChunk(
  state: Float64Array,
  body: Uint8Array,
  ts: Float64Array,
  kind: Uint8Array,
  flags: Uint8Array,
  id: Uint32Array,
  arg: Uint32Array,
  payloadStart: Uint32Array,
  payload: Uint32Array,
  stack: Uint32Array,
): number {
  return native().decodeChunk(state, body, ts, kind, flags, id, arg, payloadStart, payload, stack);
}

/** Decompresses into a buffer that is large enough; returns the bytes written. Throws on bad input. */
export function zstdDecompressInto(source: Uint8Array, target: Uint8Array): number {
  return native().zstdDecompressInto(source, target);
}
/** Decompresses to exactly `rawBytes` (at most 64 MiB). Throws on bad input. */
export function zstdDecompress(source: Uint8Array, rawBytes: number): Buffer {
  return native().zstdDecompress(source, rawBytes);
}
export function zstdCompress(source: Uint8Array, level?: number): Buffer {
  return native().zstdCompress(source, level);
}
