// SPDX-License-Identifier: MIT
// Chrome's trace-event JSON for Chrome DevTools and others: calls as complete events (X), outer before inner, `ts` and `dur` in
// microseconds, tid always there, thread names and order as metadata, instants with arguments, counters, flows.
//
// Not as pairs of B and E: DevTools matches them across all threads, with one stack.

import {
  activeThreads,
  type CallArg,
  CallWordsReader,
  categoryOf,
  type Profile,
  type Thread,
  threadTrack,
} from '../../model/index.js';
import { ArgBytes } from '../writers/arg-bytes.js';
import { ByteWriter, utf8 } from '../writers/byte-writer.js';
import { noTimeline } from '../errors.js';
import type { Exporter } from '../exporter.js';
import { timelineNotes } from '../writers/timeline-notes.js';
import { displayName, title } from '../writers/names.js';

const PID = 1;
const DURATION = utf8(',"dur":');

/** Kernel thread ids may repeat when a thread ends and another is born: then the index makes it unique. */
export function uniqueTids(profile: Profile): number[] {
  const seen = new Set<number>();
  return profile.threads.map((t) => {
    let tid = t.tid;
    while (seen.has(tid)) tid += 1_000_000;
    seen.add(tid);
    return tid;
  });
}

class Lines {
  records = 0;
  readonly out: ByteWriter;
  private first = true;

  constructor(out: ByteWriter) {
    this.out = out;
  }

  separate(): void {
    this.records++;
    if (this.first) this.first = false;
    else {
      this.out.byte(44);
      this.out.byte(10);
    }
  }

  text(s: string): void {
    this.separate();
    this.out.text(s);
  }
}

function micros(ns: number): string {
  return `${Math.floor(ns / 1000)}.${String(ns % 1000).padStart(3, '0')}`;
}

function writeMetadata(profile: Profile, threads: readonly Thread[], tids: readonly number[], lines: Lines): void {
  lines.text(`{"ph":"M","pid":${PID},"tid":0,"name":"process_name","args":{"name":${JSON.stringify(title(profile))}}}`);
  threads.forEach((t, i) => {
    const tid = tids[t.index];
    lines.text(`{"ph":"M","pid":${PID},"tid":${tid},"name":"thread_name","args":{"name":${JSON.stringify(t.name)}}}`);
    lines.text(`{"ph":"M","pid":${PID},"tid":${tid},"name":"thread_sort_index","args":{"sort_index":${i}}}`);
  });
}

function argsBytes(arg: CallArg, word: number): Uint8Array {
  return utf8(`${JSON.stringify(arg.name)}:${JSON.stringify(arg.show(word))}`);
}

const ARGS = utf8(',"args":{');

function writeArgs(out: ByteWriter, args: readonly Uint8Array[]): void {
  if (args.length === 0) return;
  out.bytes(ARGS);
  for (let i = 0; i < args.length; i++) {
    if (i > 0) out.byte(44);
    out.bytes(args[i] as Uint8Array);
  }
  out.byte(125);
}

/**
 * Times of calls are written in 1/1024 us, the nearest to the nanosecond. Readers add `ts` and `dur` as doubles: of decimal fractions
 * the sums of an inner and an outer call that end together would differ by a rounding, and the inner one last beyond the outer.
 * Sums of these are exact, and rounding to nanoseconds gives back what was recorded.
 */
const GRID = 1024;
const FRACTIONS = Array.from({ length: GRID }, (_, i) => utf8(i === 0 ? '' : String(i / GRID).slice(1)));

function ticks(ns: number): number {
  return Math.round((ns * GRID) / 1000);
}

function writeTicks(out: ByteWriter, n: number): void {
  out.integer(Math.floor(n / GRID));
  out.bytes(FRACTIONS[n % GRID] as Uint8Array);
}

/** What the ends of calls tell, of each call in order of the beginnings. */
interface Ends {
  /** Nanoseconds from the beginning. */
  readonly length: Float64Array;
  /** The word that it returned; NaN where none was recorded. */
  readonly returned: Float64Array;
}

function endsOf(thread: Thread): Ends {
  const calls = Math.ceil(thread.timeline.length / 2);
  const length = new Float64Array(calls);
  const returned = new Float64Array(thread.words === undefined ? 0 : calls).fill(Number.NaN);
  const words = new CallWordsReader(thread.words);
  const open: number[] = [];
  let n = 0;
  threadTrack(thread).advance(Number.POSITIVE_INFINITY, {
    enter(t) {
      open.push(n);
      length[n++] = t;
    },
    leave(t, _f, event) {
      const call = open.pop() as number;
      length[call] = t - (length[call] as number);
      const word = event === undefined || returned.length === 0 ? undefined : words.take(event)?.[0];
      if (word !== undefined) returned[call] = word;
    },
  });
  return { length, returned };
}

function writeCalls(profile: Profile, thread: Thread, tid: number, lines: Lines, args: ArgBytes): void {
  const heads = profile.frames.list.map((f) =>
    utf8(
      `{"ph":"X","pid":${PID},"tid":${tid},"name":${JSON.stringify(displayName(f))},"cat":${JSON.stringify(categoryOf(f.kind))},"ts":`,
    ),
  );
  const { length, returned } = endsOf(thread);
  const out = lines.out;
  const frames = profile.frames.list;
  const words = new CallWordsReader(thread.words);
  let n = 0;
  threadTrack(thread).advance(Number.POSITIVE_INFINITY, {
    enter(t, f, event) {
      const call = n++;
      const ns = length[call] as number;
      lines.separate();
      out.bytes(heads[f] as Uint8Array);
      const from = ticks(t);
      writeTicks(out, from);
      out.bytes(DURATION);
      writeTicks(out, ticks(t + ns) - from);
      writeArgs(out, args.call(frames[f], words, event, returned[call]));
      out.byte(125);
    },
    leave() {},
  });
}

function writeInstants(profile: Profile, tids: readonly number[], lines: Lines): void {
  const { instants } = profile;
  for (let i = 0; i < instants.length; i++) {
    const type = instants.types[instants.type[i] as number];
    if (type === undefined) continue;
    lines.text(
      `{"ph":"i","s":"t","pid":${PID},"tid":${tids[instants.thread[i] as number]},"name":${JSON.stringify(type.name)},` +
        `"cat":${JSON.stringify(type.category)},"ts":${micros(instants.time[i] as number)},"args":${JSON.stringify(instants.argsOf(i))}}`,
    );
  }
}

function writeCounters(profile: Profile, lines: Lines): void {
  for (const c of profile.counters) {
    for (let i = 0; i < c.time.length; i++) {
      lines.text(
        `{"ph":"C","pid":${PID},"tid":0,"name":${JSON.stringify(c.name)},"ts":${micros(c.time[i] as number)},` +
          `"args":{${JSON.stringify(c.unit)}:${c.value[i]}}}`,
      );
    }
  }
}

function writeFlows(profile: Profile, tids: readonly number[], lines: Lines): void {
  profile.flows.list.forEach((f, i) => {
    const head = `"pid":${PID},"cat":"flow","name":${JSON.stringify(f.kind)},"id":${i + 1}`;
    lines.text(`{"ph":"s",${head},"tid":${tids[f.fromThread]},"ts":${micros(f.fromTime)}}`);
    lines.text(`{"ph":"f","bp":"e",${head},"tid":${tids[f.toThread]},"ts":${micros(f.toTime)}}`);
  });
}

export const chrome: Exporter = {
  name: 'chrome',
  extension: 'trace.json',
  description: "Chrome trace-event JSON, for Perfetto's viewer, chrome://tracing and DevTools",
  needsTimeline: true,
  showsArguments: true,
  write(profile, sink) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const out = new ByteWriter(sink.open());
    const lines = new Lines(out);
    const tids = uniqueTids(profile);
    const threads = activeThreads(profile);
    out.text('{"displayTimeUnit":"ns","traceEvents":[\n');
    writeMetadata(profile, threads, tids, lines);
    const args = new ArgBytes(argsBytes);
    for (const t of threads) writeCalls(profile, t, tids[t.index] as number, lines, args);
    writeInstants(profile, tids, lines);
    writeCounters(profile, lines);
    writeFlows(profile, tids, lines);
    out.text('\n]}\n');
    out.end();
    return { files: 1, records: lines.records, ...timelineNotes(profile) };
  },
};
