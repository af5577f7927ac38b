// SPDX-License-Identifier: MIT
// Perfetto's protobuf trace (protos/perfetto/trace in its repository): a track for each thread, names and categories
// interned, times as deltas on an incremental clock of each sequence: about 11 bytes an event.
//
// Sequence 1 holds the process, counters, instants and flows with absolute times; sequence 2 + i holds thread i.
// A flow is a pair of instants: its start, and its end with the same flow id.

import {
  activeThreads,
  type CallArg,
  CallWordsReader,
  CATEGORIES,
  categoryOf,
  type Profile,
  type Thread,
  threadTrack,
} from '../../model/index.js';
import { ArgBytes } from '../writers/arg-bytes.js';
import { ByteWriter } from '../writers/byte-writer.js';
import { uniqueTids } from './chrome.js';
import { noTimeline } from '../errors.js';
import type { Exporter } from '../exporter.js';
import { timelineNotes } from '../writers/timeline-notes.js';
import { displayName, title } from '../writers/names.js';
import { fixed64Field, messageField, textField, varint, varintField } from '../writers/protobuf.js';

const PACKET = 1;
const T = {
  timestamp: 8,
  sequence: 10,
  trackEvent: 11,
  interned: 12,
  flags: 13,
  clockSnapshot: 6,
  clockId: 58,
  defaults: 59,
  track: 60,
};
const E = {
  categoryIid: 3,
  annotation: 4,
  type: 9,
  nameIid: 10,
  trackUuid: 11,
  categories: 22,
  name: 23,
  counter: 30,
  flow: 47,
  endFlow: 48,
};
const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 };
const BOOTTIME = 6;
/** Sequence-scoped, incremental. */
const DELTA_CLOCK = 64;
const CLEARED = 1;
const NEEDS_STATE = 2;
const PID = 1;
const PROCESS_TRACK = 1;

/** A packet of an event without its time: the event's length stands between `head` and `event`, arguments may follow the latter. */
interface Prepared {
  readonly head: Uint8Array;
  readonly event: Uint8Array;
  readonly tail: Uint8Array;
}

class Packets {
  records = 0;
  readonly out: ByteWriter;
  private readonly head: number[] = [];

  constructor(out: ByteWriter) {
    this.out = out;
  }

  put(body: readonly number[] | Uint8Array): void {
    this.head.length = 0;
    varint(this.head, PACKET * 8 + 2);
    varint(this.head, body.length);
    this.raw(this.head);
    this.raw(body);
  }

  /** A packet of a time and a prepared event: the hot path. */
  timed(delta: number, { head, event, tail }: Prepared, args: readonly Uint8Array[]): void {
    const out = this.out;
    let size = 2;
    for (let v = delta; v >= 0x80; v = Math.floor(v / 0x80)) size++;
    out.byte(PACKET * 8 + 2);
    let inner = event.length;
    for (let i = 0; i < args.length; i++) inner += (args[i] as Uint8Array).length;
    let length = size + head.length + (inner >= 0x4000 ? 3 : inner >= 0x80 ? 2 : 1) + inner + tail.length;
    while (length >= 0x80) {
      out.byte((length & 0x7f) | 0x80);
      length >>>= 7;
    }
    out.byte(length);
    out.byte(T.timestamp * 8);
    let v = delta;
    while (v >= 0x80) {
      out.byte((v % 0x80) | 0x80);
      v = Math.floor(v / 0x80);
    }
    out.byte(v);
    out.bytes(head);
    while (inner >= 0x80) {
      out.byte((inner & 0x7f) | 0x80);
      inner >>>= 7;
    }
    out.byte(inner);
    out.bytes(event);
    for (let i = 0; i < args.length; i++) out.bytes(args[i] as Uint8Array);
    out.bytes(tail);
    this.records++;
  }

  private raw(bytes: readonly number[] | Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.out.byte(bytes[i] as number);
  }
}

function threadUuid(thread: Thread): number {
  return 1000 + thread.index;
}

function writeTracks(profile: Profile, threads: readonly Thread[], tids: readonly number[], packets: Packets): void {
  const track = (fill: (m: number[]) => void): void => {
    const p: number[] = [];
    varintField(p, T.sequence, 1);
    messageField(p, T.track, fill);
    packets.put(p);
  };
  track((m) => {
    varintField(m, 1, PROCESS_TRACK);
    messageField(m, 3, (process) => {
      varintField(process, 1, PID);
      textField(process, 6, title(profile));
    });
  });
  for (const t of threads) {
    track((m) => {
      varintField(m, 1, threadUuid(t));
      varintField(m, 5, PROCESS_TRACK);
      messageField(m, 4, (thread) => {
        varintField(thread, 1, PID);
        varintField(thread, 2, tids[t.index] as number);
        textField(thread, 5, t.name);
      });
    });
  }
  profile.counters.forEach((c, i) => {
    track((m) => {
      varintField(m, 1, 100 + i);
      varintField(m, 5, PROCESS_TRACK);
      textField(m, 2, c.name);
      messageField(m, 8, (counter) => {
        varintField(counter, 3, c.unit === 'bytes' ? 3 : 2);
      });
    });
  });
}

/** The first packet of a thread's sequence: its clock, its default track, and every name. */
function writeSequenceStart(
  profile: Profile,
  thread: Thread,
  sequence: number,
  packets: Packets,
  names: ReadonlyMap<string, number>,
): void {
  const p: number[] = [];
  varintField(p, T.sequence, sequence);
  varintField(p, T.flags, CLEARED);
  messageField(p, T.clockSnapshot, (m) => {
    messageField(m, 1, (clock) => {
      varintField(clock, 1, DELTA_CLOCK);
      varintField(clock, 2, 0);
      varintField(clock, 3, 1);
    });
    messageField(m, 1, (clock) => {
      varintField(clock, 1, BOOTTIME);
      varintField(clock, 2, 0);
    });
  });
  messageField(p, T.defaults, (m) => {
    varintField(m, T.clockId, DELTA_CLOCK);
    messageField(m, 11, (event) => varintField(event, E.trackUuid, threadUuid(thread)));
  });
  messageField(p, T.interned, (m) => {
    CATEGORIES.forEach((name, i) => {
      messageField(m, 1, (entry) => {
        varintField(entry, 1, i + 1);
        textField(entry, 2, name);
      });
    });
    for (const [name, i] of thread.words === undefined ? [] : names) {
      messageField(m, 3, (entry) => {
        varintField(entry, 1, i);
        textField(entry, 2, name);
      });
    }
    for (const f of profile.frames.list) {
      messageField(m, 2, (entry) => {
        varintField(entry, 1, f.id + 1);
        textField(entry, 2, displayName(f));
      });
    }
  });
  packets.put(p);
}

function prepare(sequence: number, fill: (event: number[]) => void): Prepared {
  const [head, event, tail]: [number[], number[], number[]] = [[], [], []];
  varintField(head, T.sequence, sequence);
  varint(head, T.trackEvent * 8 + 2);
  fill(event);
  varintField(tail, T.flags, NEEDS_STATE);
  return { head: Uint8Array.from(head), event: Uint8Array.from(event), tail: Uint8Array.from(tail) };
}

/** Names of arguments, numbered from 1. */
function argumentNames(profile: Profile): Map<string, number> {
  const names = new Map<string, number>();
  for (const { signature } of profile.frames.list) {
    for (const { name } of [
      ...(signature?.args ?? []),
      ...(signature?.returns === undefined ? [] : [signature.returns]),
    ]) {
      if (!names.has(name)) names.set(name, names.size + 1);
    }
  }
  return names;
}

/** Debug annotations: what a viewer shows as the arguments of an event. */
function annotate(names: ReadonlyMap<string, number>): (arg: CallArg, word: number) => Uint8Array {
  return (arg, word) => {
    const out: number[] = [];
    messageField(out, E.annotation, (a) => {
      varintField(a, 1, names.get(arg.name) ?? 0);
      const value = arg.value(word);
      if (arg.format === 'hex') varintField(a, 7, value);
      else if (arg.format === 'dec' && value >= 0) varintField(a, 3, value);
      // A negative number as text: its varint would take ten bytes of 64-bit arithmetic.
      else textField(a, 6, String(arg.show(word)));
    });
    return Uint8Array.from(out);
  };
}

function writeThread(
  profile: Profile,
  thread: Thread,
  sequence: number,
  packets: Packets,
  names: ReadonlyMap<string, number>,
): void {
  writeSequenceStart(profile, thread, sequence, packets, names);
  const begins: Prepared[] = [];
  const end = prepare(sequence, (m) => varintField(m, E.type, TYPE.end));
  const frames = profile.frames.list;
  const words = new CallWordsReader(thread.words);
  const args = new ArgBytes(annotate(names));
  let last = 0;
  threadTrack(thread).advance(Number.POSITIVE_INFINITY, {
    enter(t, f, event) {
      begins[f] ??= prepare(sequence, (m) => {
        varintField(m, E.type, TYPE.begin);
        varintField(m, E.nameIid, f + 1);
        varintField(m, E.categoryIid, CATEGORIES.indexOf(categoryOf(profile.frames.get(f).kind)) + 1);
      });
      packets.timed(t - last, begins[f] as Prepared, args.entered(frames[f], words, event));
      last = t;
    },
    leave(t, f, event) {
      packets.timed(t - last, end, args.returned(frames[f], words, event));
      last = t;
    },
  });
}

/** A packet of sequence 1: absolute time in ns. */
function point(t: number, fill: (event: number[]) => void): number[] {
  const p: number[] = [];
  varintField(p, T.timestamp, t);
  varintField(p, T.sequence, 1);
  messageField(p, T.trackEvent, fill);
  return p;
}

function writeInstants(profile: Profile, packets: Packets): void {
  const { instants } = profile;
  for (let i = 0; i < instants.length; i++) {
    const type = instants.types[instants.type[i] as number];
    if (type === undefined) continue;
    packets.put(
      point(instants.time[i] as number, (m) => {
        varintField(m, E.type, TYPE.instant);
        varintField(m, E.trackUuid, 1000 + (instants.thread[i] as number));
        textField(m, E.name, type.name);
        textField(m, E.categories, type.category);
        for (const [name, value] of Object.entries(instants.argsOf(i))) {
          messageField(m, E.annotation, (a) => {
            textField(a, 10, name);
            // 64 bits of ones come as a double that is one too large; negative numbers as in annotate().
            if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) varintField(a, 3, value);
            else textField(a, 6, String(value));
          });
        }
      }),
    );
    packets.records++;
  }
}

function writeCounters(profile: Profile, packets: Packets): void {
  profile.counters.forEach((c, k) => {
    for (let i = 0; i < c.time.length; i++) {
      packets.put(
        point(c.time[i] as number, (m) => {
          varintField(m, E.type, TYPE.counter);
          varintField(m, E.trackUuid, 100 + k);
          varintField(m, E.counter, Math.max(0, c.value[i] as number));
        }),
      );
      packets.records++;
    }
  });
}

function writeFlows(profile: Profile, packets: Packets): void {
  profile.flows.list.forEach((f, i) => {
    for (const [time, thread, field] of [
      [f.fromTime, f.fromThread, E.flow],
      [f.toTime, f.toThread, E.endFlow],
    ] as const) {
      packets.put(
        point(time, (m) => {
          varintField(m, E.type, TYPE.instant);
          varintField(m, E.trackUuid, 1000 + thread);
          textField(m, E.name, f.kind);
          textField(m, E.categories, 'flow');
          fixed64Field(m, field, i + 1);
        }),
      );
      packets.records++;
    }
  });
}

export const perfetto: Exporter = {
  name: 'perfetto',
  extension: 'pftrace',
  description: "Perfetto protobuf trace: thread tracks, instants with arguments, counters, flows (Perfetto's viewer)",
  needsTimeline: true,
  showsArguments: true,
  write(profile, sink) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const out = new ByteWriter(sink.open());
    const packets = new Packets(out);
    const tids = uniqueTids(profile);
    const threads = activeThreads(profile);
    const start: number[] = [];
    varintField(start, T.sequence, 1);
    varintField(start, T.flags, CLEARED);
    messageField(start, T.clockSnapshot, (m) => {
      messageField(m, 1, (clock) => {
        varintField(clock, 1, BOOTTIME);
        varintField(clock, 2, 0);
      });
      varintField(m, 2, BOOTTIME);
    });
    packets.put(start);
    // Every thread has a track: instants may stand on one that called nothing.
    const others = profile.threads.filter((t) => !threads.includes(t) && t.end > 0);
    writeTracks(profile, [...threads, ...others], tids, packets);
    const names = argumentNames(profile);
    for (const t of threads) writeThread(profile, t, 2 + t.index, packets, names);
    writeInstants(profile, packets);
    writeCounters(profile, packets);
    writeFlows(profile, packets);
    out.end();
    return { files: 1, records: packets.records, ...timelineNotes(profile) };
  },
};
