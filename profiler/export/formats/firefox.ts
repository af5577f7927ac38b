// SPDX-License-Identifier: MIT
// Firefox profiler's processed profile (docs-developer/CHANGELOG-formats.md in its repository): a thread each with a
// sample wherever the stack changes, weighted with the time until the next; instants are markers with typed fields.

import {
  activeThreads,
  CATEGORIES,
  categoryOf,
  type Frame,
  type FrameId,
  type FrameKind,
  type InstantType,
  type Profile,
  type Thread,
  threadTrack,
} from '../../model/index.js';
import { ByteWriter } from '../writers/byte-writer.js';
import { type CallMarker, callMarkers, MAX_CALLS } from '../writers/call-markers.js';
import { uniqueTids } from './chrome.js';
import { noTimeline } from '../errors.js';
import type { Exporter } from '../exporter.js';
import { timelineNotes } from '../writers/timeline-notes.js';
import { displayFile, displayName, title } from '../writers/names.js';

const COLORS: Record<string, string> = {
  'kernel API': 'blue',
  driver: 'green',
  'Linux core': 'lightblue',
  hardirq: 'red',
  softirq: 'orange',
  workqueue: 'purple',
  timer: 'magenta',
  program: 'yellow',
  'system call': 'grey',
  'off CPU': 'transparent',
  'lost events': 'brown',
};

class Strings {
  readonly list: string[] = [];
  private readonly index = new Map<string, number>();

  id(text: string): number {
    let i = this.index.get(text);
    if (i === undefined) {
      i = this.list.push(text) - 1;
      this.index.set(text, i);
    }
    return i;
  }
}

/** Stacks of all threads in one table, each a frame and the stack below it. */
class Stacks {
  readonly frame: FrameId[] = [];
  readonly prefix: (number | null)[] = [];
  private readonly index = new Map<number, Map<FrameId, number>>();

  id(prefix: number, frame: FrameId): number {
    let below = this.index.get(prefix);
    if (below === undefined) {
      below = new Map();
      this.index.set(prefix, below);
    }
    let i = below.get(frame);
    if (i === undefined) {
      i = this.frame.push(frame) - 1;
      this.prefix.push(prefix < 0 ? null : prefix);
      below.set(frame, i);
    }
    return i;
  }
}

interface Samples {
  stack: (number | null)[];
  time: number[];
}

function samplesOf(thread: Thread, stacks: Stacks): Samples {
  const samples: Samples = { stack: [], time: [] };
  const open: number[] = [];
  const put = (t: number): void => {
    const stack = open[open.length - 1] ?? null;
    const last = samples.time.length - 1;
    if (last >= 0 && samples.time[last] === t) samples.stack[last] = stack;
    else {
      samples.time.push(t);
      samples.stack.push(stack);
    }
  };
  threadTrack(thread).advance(Number.POSITIVE_INFINITY, {
    enter(t, f) {
      open.push(stacks.id(open[open.length - 1] ?? -1, f));
      put(t);
    },
    leave(t) {
      open.pop();
      put(t);
    },
  });
  return samples;
}

const ms = (ns: number): number => ns / 1e6;

function same<T>(length: number, value: T): T[] {
  return new Array<T>(length).fill(value);
}

function shared(profile: Profile, strings: Strings, stacks: Stacks) {
  const frames = profile.frames.list;
  const n = frames.length;
  const category = (kind: FrameKind): number => CATEGORIES.indexOf(categoryOf(kind)) + 1;
  const sources = new Map<string, number>();
  const sourceOf = (file: string): number => {
    const i = sources.get(file) ?? sources.size;
    sources.set(file, i);
    return i;
  };
  const funcs = {
    name: frames.map((f) => strings.id(displayName(f))),
    source: frames.map((f) => sourceOf(f.file ?? displayFile(f))),
  };
  const sourceNames = [...sources.keys()].map((s) => strings.id(s));
  return {
    stackTable: { frame: stacks.frame, prefix: stacks.prefix, length: stacks.frame.length },
    frameTable: {
      address: frames.map((f) => f.address ?? -1),
      inlineDepth: same(n, 0),
      category: frames.map((f) => category(f.kind)),
      subcategory: same(n, 0),
      func: frames.map((f) => f.id),
      nativeSymbol: same(n, null),
      innerWindowID: same(n, 0),
      line: frames.map((f) => f.line ?? null),
      column: same(n, null),
      length: n,
    },
    funcTable: {
      ...funcs,
      isJS: same(n, false),
      relevantForJS: same(n, false),
      resource: same(n, -1),
      lineNumber: frames.map((f) => f.line ?? null),
      columnNumber: same(n, null),
      length: n,
    },
    resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
    nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
    sources: {
      id: same(sourceNames.length, null),
      filename: sourceNames,
      startLine: same(sourceNames.length, 1),
      startColumn: same(sourceNames.length, 1),
      sourceMapURL: same(sourceNames.length, null),
      length: sourceNames.length,
    },
    stringArray: strings.list,
  };
}

/** A function may be called as an event is. */
const callType = (frame: Frame): string => `${frame.name}()`;

function callSchemas(profile: Profile) {
  return profile.frames.list.flatMap((frame) => {
    const { signature } = frame;
    if (signature === undefined) return [];
    const values = [
      ...signature.args,
      ...(signature.returns === undefined ? [] : [{ ...signature.returns, name: 'ret' }]),
    ];
    return [
      {
        name: callType(frame),
        display: ['marker-chart', 'marker-table'],
        tooltipLabel: callType(frame),
        tableLabel: values.map(({ name }) => `${name} {marker.data.${name}}`).join(', '),
        fields: values.map(({ name, type }) => ({
          key: name,
          label: `${type} ${name}`,
          format: 'string',
          searchable: true,
        })),
      },
    ];
  });
}

function markerTable(profile: Profile, strings: Strings) {
  const byThread = new Map<number, number[]>();
  const { instants } = profile;
  for (let i = 0; i < instants.length; i++) {
    const thread = instants.thread[i] as number;
    const list = byThread.get(thread);
    if (list === undefined) byThread.set(thread, [i]);
    else list.push(i);
  }
  return (thread: number, calls: readonly CallMarker[]) => {
    const list = byThread.get(thread) ?? [];
    const type = (i: number): InstantType => instants.types[instants.type[i] as number] as InstantType;
    const category = (call: CallMarker): number => CATEGORIES.indexOf(categoryOf(call.frame.kind)) + 1;
    return {
      name: [...list.map((i) => strings.id(type(i).name)), ...calls.map((call) => strings.id(call.frame.name))],
      category: [...same(list.length, 0), ...calls.map(category)],
      startTime: [...list.map((i) => ms(instants.time[i] as number)), ...calls.map((call) => ms(call.start))],
      endTime: [...same(list.length, null), ...calls.map((call) => ms(call.end))],
      // 0 is an instant, 1 an interval.
      phase: [...same(list.length, 0), ...same(calls.length, 1)],
      data: [
        ...list.map((i) => ({ type: type(i).name, ...instants.argsOf(i) })),
        ...calls.map((call) => ({ type: callType(call.frame), ...call.args })),
      ],
      length: list.length + calls.length,
    };
  };
}

function meta(profile: Profile) {
  return {
    interval: 0.000001,
    startTime: profile.meta.startedAt ?? 0,
    product: title(profile),
    processType: 0,
    stackwalk: 1,
    debug: false,
    version: 24,
    preprocessedProfileVersion: 62,
    symbolicated: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    pausedRanges: [],
    extensions: { baseURL: [], id: [], name: [], length: 0 },
    sampleUnits: { time: 'ms', eventDelay: 'ms', threadCPUDelta: 'ns' },
    categories: [
      { name: 'Other', color: 'grey', subcategories: ['Other'] },
      ...CATEGORIES.map((name) => ({ name, color: COLORS[name] ?? 'grey', subcategories: ['Other'] })),
    ],
    markerSchema: [
      ...profile.instants.types.map((t) => ({
        name: t.name,
        display: ['marker-chart', 'marker-table'],
        tooltipLabel: t.name,
        fields: t.args.map((a) => ({
          key: a.name,
          label: a.name,
          format: a.format === 'dec' ? 'integer' : 'string',
          searchable: true,
        })),
      })),
      ...(profile.threads.some((t) => t.words !== undefined) ? callSchemas(profile) : []),
    ],
  };
}

export const firefox: Exporter = {
  name: 'firefox',
  extension: 'firefox.json',
  description: 'Firefox profiler: a track for each thread, categories, and typed events as markers',
  needsTimeline: true,
  showsArguments: true,
  write(profile, sink) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const out = new ByteWriter(sink.open());
    const strings = new Strings();
    const stacks = new Stacks();
    const markers = markerTable(profile, strings);
    const tids = uniqueTids(profile);
    let records = 0;
    let room = MAX_CALLS;
    out.text(
      `{"meta":${JSON.stringify(meta(profile))},"libs":[],"pages":[],"profilerOverhead":[],"counters":[],"threads":[\n`,
    );
    activeThreads(profile).forEach((t, i) => {
      const { stack, time } = samplesOf(t, stacks);
      const calls = callMarkers(profile, t, room);
      room -= calls.length;
      const table = markers(t.index, calls);
      records += stack.length + table.length;
      const head = {
        name: t.name,
        isMainThread: i === 0,
        processType: 'default',
        processName: title(profile),
        processStartupTime: 0,
        processShutdownTime: null,
        registerTime: ms(t.start),
        unregisterTime: ms(t.end),
        pausedRanges: [],
        showMarkersInTimeline: false,
        pid: '1',
        tid: String(tids[t.index]),
        markers: table,
      };
      out.text(
        `${i === 0 ? '' : ',\n'}${JSON.stringify(head).slice(0, -1)},"samples":{"length":${stack.length},"weightType":"tracing-ms","stack":[`,
      );
      stack.forEach((s, k) => {
        if (k > 0) out.byte(44);
        if (s === null) out.text('null');
        else out.integer(s);
      });
      out.text('],"timeDeltas":[');
      time.forEach((at, k) => {
        out.text(`${k === 0 ? '' : ','}${ms(at - (time[k - 1] ?? 0))}`);
      });
      out.text('],"weight":[');
      time.forEach((at, k) => {
        out.text(`${k === 0 ? '' : ','}${ms((time[k + 1] ?? at) - at)}`);
      });
      out.text(']}}');
    });
    out.text(`\n],"shared":${JSON.stringify(shared(profile, strings, stacks))}}\n`);
    out.end();
    const notes = timelineNotes(profile).notes ?? [];
    if (room === 0) notes.push(`arguments: of the first ${MAX_CALLS} calls`);
    return { files: 1, records, ...(notes.length > 0 && { notes }) };
  },
};
