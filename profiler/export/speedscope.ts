// SPDX-License-Identifier: MIT
// speedscope's evented format (its file-format-schema.json): the virtual CPU first, then each thread.
// speedscope refuses a whole file for one frame that is not closed, one wrong close, one step back in time, and dies of
// depth 5000 or of some 8 million events; the model and the windows see to all of that.

import { activeThreads, mergedTrack, type Profile, type Track, threadTrack } from '../model/index.js';
import { ByteWriter, utf8 } from './byte-writer.js';
import { noTimeline } from './errors.js';
import type { Exporter } from './exporter.js';
import { displayFile, displayName, title } from './names.js';
import { type Window, WindowReader, windows } from './windows.js';

const MAX_EVENTS = 2_000_000;

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

export const speedscope: Exporter = {
  name: 'speedscope',
  extension: 'speedscope.json',
  description: 'speedscope flame graph: calls in time order, the virtual CPU and each thread',
  needsTimeline: true,
  write(profile, sink, options = {}) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const limit = options.maxEvents ?? MAX_EVENTS;
    const known = profile.threads.reduce((sum, t) => sum + t.timeline.length, 0);
    const cuts: Window[] =
      known * 3 <= limit ? [{ from: 0, to: profile.duration }] : windows(tracksOf(profile), profile.duration, limit);
    const tracks = tracksOf(profile);
    const readers = tracks.map((t) => new WindowReader(t));
    const opens = profile.frames.list.map((f) => utf8(`{"type":"O","frame":${f.id},"at":`));
    const closes = profile.frames.list.map((f) => utf8(`{"type":"C","frame":${f.id},"at":`));
    let records = 0;
    cuts.forEach((window, i) => {
      const last = i === cuts.length - 1;
      const to = last ? profile.duration : window.to;
      const part = cuts.length === 1 ? undefined : { index: i + 1, count: cuts.length };
      const out = new ByteWriter(part === undefined ? sink.open() : sink.open(part));
      const name = part === undefined ? title(profile) : `${title(profile)} (part ${part.index} of ${part.count})`;
      out.text(
        `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"dde-profile","name":${JSON.stringify(name)},` +
          '"activeProfileIndex":0,"shared":{"frames":[\n',
      );
      writeFrames(profile, out);
      out.text('\n]},"profiles":[');
      const events = new EventWriter(out, opens, closes);
      readers.forEach((reader, k) => {
        out.text(
          `${k === 0 ? '\n' : ',\n'}{"type":"evented","name":${JSON.stringify(trackName(profile, tracks[k]))},"unit":"nanoseconds",` +
            `"startValue":${window.from},"endValue":${to},"events":[`,
        );
        events.start();
        reader.read({ from: window.from, to }, last, events);
        out.text(']}');
      });
      out.text('\n]}\n');
      out.end();
      records += events.records;
    });
    return { files: cuts.length, records };
  },
};
