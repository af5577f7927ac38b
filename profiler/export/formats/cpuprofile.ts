// SPDX-License-Identifier: MIT
// V8's .cpuprofile, for Chrome DevTools, VS Code and speedscope: the virtual CPU as samples, one wherever the stack
// changes. Equal calls directly after each other become one: the format has no calls, only samples.

import { type FrameId, mergedTrack, type Profile } from '../../model/index.js';
import { ByteWriter } from '../writers/byte-writer.js';
import { noTimeline } from '../errors.js';
import type { ExportSink, Exporter } from '../exporter.js';
import { timelineNotes } from '../writers/timeline-notes.js';
import { displayFile, displayName } from '../writers/names.js';
import { cutByEvents, RangeReader, type TimeRange } from '../writers/time-ranges.js';

const MAX_EVENTS = 2_000_000;
/** DevTools takes a profile that starts at 0 for one without times. */
const ORIGIN = 1e9;
const ROOT = 1;
const IDLE = 2;

interface Node {
  readonly id: number;
  readonly frame: FrameId;
  readonly children: Map<FrameId, Node>;
  hits: number;
}

/** Samples of one range: the node that runs from each moment on. */
class Sampler {
  readonly nodes: Node[] = [];
  readonly samples: number[] = [];
  readonly times: number[] = [];
  readonly root: Node;
  private readonly stack: Node[];

  constructor() {
    this.root = this.add(-1);
    this.add(-1);
    this.stack = [this.root];
  }

  private add(frame: FrameId): Node {
    const node: Node = { id: this.nodes.length + 1, frame, children: new Map(), hits: 0 };
    this.nodes.push(node);
    return node;
  }

  enter(t: number, frame: FrameId): void {
    const top = this.stack[this.stack.length - 1] as Node;
    let node = top.children.get(frame);
    if (node === undefined) {
      node = this.add(frame);
      top.children.set(frame, node);
    }
    this.stack.push(node);
    this.sample(t, node.id);
  }

  leave(t: number): void {
    this.stack.pop();
    const top = this.stack[this.stack.length - 1] as Node;
    this.sample(t, top.id === ROOT ? IDLE : top.id);
  }

  private sample(t: number, id: number): void {
    const last = this.times.length - 1;
    if (last >= 0 && this.times[last] === t) this.samples[last] = id;
    else {
      this.times.push(t);
      this.samples.push(id);
    }
  }
}

function writeNodes(profile: Profile, s: Sampler, out: ByteWriter): void {
  for (const id of s.samples) (s.nodes[id - 1] as Node).hits++;
  s.nodes.forEach((n, i) => {
    const frame = n.frame < 0 ? undefined : profile.frames.get(n.frame);
    const functionName = frame === undefined ? (n.id === ROOT ? '(root)' : '(idle)') : displayName(frame);
    const children = [...n.children.values()].map((c) => c.id);
    if (n.id === ROOT) children.push(IDLE);
    const callFrame = {
      functionName,
      scriptId: '0',
      url: frame === undefined ? '' : (frame.file ?? displayFile(frame)),
      lineNumber: (frame?.line ?? 0) - 1,
      columnNumber: -1,
    };
    out.text(`${i === 0 ? '' : ',\n'}${JSON.stringify({ id: n.id, callFrame, hitCount: n.hits, children })}`);
  });
}

function writePart(profile: Profile, s: Sampler, from: number, to: number, out: ByteWriter): void {
  out.text('{"nodes":[\n');
  writeNodes(profile, s, out);
  out.text(`\n],"startTime":${(ORIGIN + from) / 1000},"endTime":${(ORIGIN + to) / 1000},"samples":[`);
  s.samples.forEach((id, i) => {
    if (i > 0) out.byte(44);
    out.integer(id);
  });
  out.text('],"timeDeltas":[');
  let last = from;
  for (let i = 0; i < s.times.length; i++) {
    if (i > 0) out.byte(44);
    out.micros((s.times[i] as number) - last);
    last = s.times[i] as number;
  }
  out.text(']}\n');
  out.end();
}

function openPart(sink: ExportSink, index: number, count: number) {
  return count === 1 ? sink.open() : sink.open({ index: index + 1, count });
}

export const cpuprofile: Exporter = {
  name: 'cpuprofile',
  extension: 'cpuprofile',
  description: "V8 CPU profile of the virtual CPU, for Chrome DevTools' Performance panel and VS Code",
  needsTimeline: true,
  callsOnly: true,
  write(profile, sink, options = {}) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const cuts: TimeRange[] = cutByEvents([mergedTrack(profile)], profile.timelineEnd, options.maxEvents ?? MAX_EVENTS);
    const reader = new RangeReader(mergedTrack(profile));
    let records = 0;
    cuts.forEach((range, i) => {
      const last = i === cuts.length - 1;
      const to = last ? profile.timelineEnd : range.to;
      const sampler = new Sampler();
      reader.read({ from: range.from, to }, last, sampler);
      writePart(profile, sampler, range.from, to, new ByteWriter(openPart(sink, i, cuts.length)));
      records += sampler.samples.length;
    });
    return { files: cuts.length, records, ...timelineNotes(profile) };
  },
};
