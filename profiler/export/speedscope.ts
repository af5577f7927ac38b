// SPDX-License-Identifier: MIT
// speedscope's evented format (its file-format-schema.json): the virtual CPU first, then each thread.
// speedscope refuses a whole file for one frame that is not closed, one wrong close, one step back in time, and dies of
// depth 5000 or of some 8 million events; the model and the windows see to all of that.

import {
  activeThreads,
  mergedTrack,
  type Profile,
  type Track,
  type TrackVisitor,
  threadTrack,
} from '../model/index.js';
import { ByteWriter, utf8 } from './byte-writer.js';
import { noTimeline } from './errors.js';
import type { ByteSink, Exporter } from './exporter.js';
import { displayFile, displayName, title } from './names.js';
import { overviewTracks } from './overview.js';
import { timelineNotes } from './timeline-notes.js';
import { type Window, WindowReader, windows } from './windows.js';

const MAX_EVENTS = 2_000_000;
/** Eight files in time order are 600 MB; more would be looked at by nobody. */
const MAX_PARTS = 9;

function tracksOf(profile: Profile): Track[] {
  const threads = activeThreads(profile).map(threadTrack);
  return [mergedTrack(profile), ...threads];
}

/** The first is what the viewer opens with: it says what was recorded. */
function trackName(profile: Profile, track: Track | undefined): string {
  if (track === undefined) return '';
  return track.thread === undefined ? `${title(profile)}: ${track.name}` : track.name;
}

class EventWriter {
  records = 0;
  private readonly out: ByteWriter;
  private readonly opens: Uint8Array[];
  private readonly closes: Uint8Array[];
  private readonly comma = utf8(',');
  private first = true;

  constructor(out: ByteWriter, opens: Uint8Array[], closes: Uint8Array[]) {
    this.out = out;
    this.opens = opens;
    this.closes = closes;
  }

  start(): void {
    this.first = true;
  }

  enter(t: number, frame: number): void {
    this.put(t, this.opens[frame] as Uint8Array);
  }

  leave(t: number, frame: number): void {
    this.put(t, this.closes[frame] as Uint8Array);
  }

  private put(t: number, head: Uint8Array): void {
    if (this.first) this.first = false;
    else this.out.bytes(this.comma);
    this.out.bytes(head);
    this.out.integer(t);
    this.out.byte(125);
    this.records++;
  }
}

function writeFrames(profile: Profile, out: ByteWriter): void {
  profile.frames.list.forEach((f, i) => {
    const entry: Record<string, string | number> = { name: displayName(f), file: displayFile(f) };
    if (f.line !== undefined) entry['line'] = f.line;
    out.text(`${i === 0 ? '' : ',\n'}${JSON.stringify(entry)}`);
  });
}

/** Writes one file: head, frames, and a profile for each track. */
class FileWriter {
  private readonly profile: Profile;
  private readonly opens: Uint8Array[];
  private readonly closes: Uint8Array[];

  constructor(profile: Profile) {
    this.profile = profile;
    this.opens = profile.frames.list.map((f) => utf8(`{"type":"O","frame":${f.id},"at":`));
    this.closes = profile.frames.list.map((f) => utf8(`{"type":"C","frame":${f.id},"at":`));
  }

  write(
    sink: ByteSink,
    name: string,
    tracks: readonly Track[],
    window: Window,
    read: (track: number, visitor: TrackVisitor) => void,
  ): number {
    const { profile } = this;
    const out = new ByteWriter(sink);
    out.text(
      `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"dde-profile","name":${JSON.stringify(name)},` +
        '"activeProfileIndex":0,"shared":{"frames":[\n',
    );
    writeFrames(profile, out);
    out.text('\n]},"profiles":[');
    const events = new EventWriter(out, this.opens, this.closes);
    tracks.forEach((track, k) => {
      out.text(
        `${k === 0 ? '\n' : ',\n'}{"type":"evented","name":${JSON.stringify(trackName(profile, track))},"unit":"nanoseconds",` +
          `"startValue":${window.from},"endValue":${window.to},"events":[`,
      );
      events.start();
      read(k, events);
      out.text(']}');
    });
    out.text('\n]}\n');
    out.end();
    return events.records;
  }
}

function cutsOf(profile: Profile, limit: number): Window[] {
  const known = profile.threads.reduce((sum, t) => sum + t.timeline.length, 0);
  if (known * 3 <= limit) return [{ from: 0, to: profile.timelineEnd }];
  return windows(tracksOf(profile), profile.timelineEnd, limit);
}

export const speedscope: Exporter = {
  name: 'speedscope',
  extension: 'speedscope.json',
  description: 'speedscope flame graph: calls in time order, the virtual CPU and each thread',
  needsTimeline: true,
  write(profile, sink, options = {}) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const cuts = cutsOf(profile, options.maxEvents ?? MAX_EVENTS);
    const whole = cuts.length === 1 && profile.timelineEnd >= profile.duration;
    const shown = whole ? 1 : Math.min(cuts.length, Math.max(1, (options.maxParts ?? MAX_PARTS) - 1));
    const count = whole ? 1 : shown + 1;
    const open = (index: number): ByteSink => (whole ? sink.open() : sink.open({ index, count }));
    const writer = new FileWriter(profile);
    let records = 0;
    if (!whole) {
      const tracks = overviewTracks(profile);
      const longest = Math.max(profile.duration, profile.busy, ...profile.threads.map((t) => t.onCpu));
      const name = `${title(profile)} (part 1 of ${count}: overview)`;
      records += writer.write(open(1), name, tracks, { from: 0, to: longest }, (k, visitor) =>
        tracks[k]?.advance(Number.POSITIVE_INFINITY, visitor),
      );
    }
    const tracks = tracksOf(profile);
    const readers = tracks.map((t) => new WindowReader(t));
    for (let i = 0; i < shown; i++) {
      const last = i === cuts.length - 1;
      const { from, to } = cuts[i] as Window;
      const window = { from, to: last ? profile.timelineEnd : to };
      const name = whole ? title(profile) : `${title(profile)} (part ${i + 2} of ${count})`;
      records += writer.write(open(i + 2), name, tracks, window, (k, visitor) =>
        readers[k]?.read(window, last, visitor),
      );
    }
    const until = shown === cuts.length ? profile.timelineEnd : (cuts[shown - 1] as Window).to;
    return { files: count, records, ...timelineNotes(profile, until) };
  },
};
