// SPDX-License-Identifier: MIT
// speedscope's evented format (its file-format-schema.json): all threads merged, as a call tree, then each thread in time order.
// The virtual CPU in time order, on request only, holds each event once more: twice the file, and twice the time to open it.
// speedscope refuses a whole file for one frame that is not closed, one wrong close, one step back in time, and dies of
// depth 5000 or of some 8 million events; the model and the ranges see to all of that.

import {
  activeThreads,
  type FrameId,
  mergedTrack,
  type Nanoseconds,
  type Profile,
  type Track,
  threadTrack,
} from '../../model/index.js';
import { noTimeline } from '../errors.js';
import type { ByteSink, Exporter } from '../exporter.js';
import { displayFile, displayName, title } from '../writers/names.js';
import { overviewTracks } from '../writers/overview.js';
import { EventWriter } from './speedscope-events.js';
import { timelineNotes } from '../writers/timeline-notes.js';
import { cutTimeline, type TimeRange } from '../writers/time-ranges.js';

const MAX_EVENTS = 2_000_000;
/** Eight files in time order are 600 MB; more would be looked at by nobody. */
const MAX_PARTS = 9;

function tracksOf(profile: Profile, virtualCpu: boolean): Track[] {
  const threads = activeThreads(profile).map(threadTrack);
  return virtualCpu ? [mergedTrack(profile), ...threads] : threads;
}

/** The first is what the viewer opens with: it says what was recorded. */
function trackName(profile: Profile, track: Track | undefined): string {
  if (track === undefined) return '';
  return track.thread === undefined ? `${title(profile)}: ${track.name}` : track.name;
}

function framesOf(profile: Profile): string {
  return profile.frames.list
    .map((f) => {
      const entry: Record<string, string | number> = { name: displayName(f), file: displayFile(f) };
      if (f.line !== undefined) entry['line'] = f.line;
      return JSON.stringify(entry);
    })
    .join(',\n');
}

/** A track, and what is open on it where the last range ended. */
interface Reading {
  readonly track: Track;
  /** Where it ends, when that is not where the file's range ends. */
  readonly end?: Nanoseconds;
  open: readonly FrameId[];
}

/** Writes one file: head, frames, and a profile for each track. Returns the number of events. */
function writeFile(
  profile: Profile,
  sink: ByteSink,
  name: string,
  tracks: readonly Reading[],
  range: TimeRange,
  until: Nanoseconds,
): number {
  const out = new EventWriter(profile.frames.size, sink);
  out.text(
    `{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"dde-profile","name":${JSON.stringify(name)},` +
      `"activeProfileIndex":0,"shared":{"frames":[\n${framesOf(profile)}\n]},"profiles":[`,
  );
  tracks.forEach((reading, k) => {
    const end = reading.end ?? range.to;
    out.text(
      `${k === 0 ? '\n' : ',\n'}{"type":"evented","name":${JSON.stringify(trackName(profile, reading.track))},"unit":"nanoseconds",` +
        `"startValue":${range.from},"endValue":${end},"events":[`,
    );
    out.start(range.from, reading.open);
    reading.track.advance(until, out);
    reading.open = out.finish(end);
    out.text(']}');
  });
  out.text('\n]}\n');
  out.end();
  return out.records;
}

function cutsOf(profile: Profile, limit: number, virtualCpu: boolean): TimeRange[] {
  const known = profile.threads.reduce((sum, t) => sum + t.timeline.length, 0);
  if (known * (virtualCpu ? 3 : 1) <= limit) return [{ from: 0, to: profile.timelineEnd }];
  return cutTimeline(profile, limit, virtualCpu);
}

/** The longest that any call tree is: interrupts of all threads may come to more than the recording took. */
function longestOf(profile: Profile): Nanoseconds {
  return Math.max(profile.duration, profile.busy, ...profile.threads.map((t) => t.onCpu));
}

export const speedscope: Exporter = {
  name: 'speedscope',
  extension: 'speedscope.json',
  description: 'speedscope flame graph: all threads as one call tree, and each in time order',
  needsTimeline: true,
  callsOnly: true,
  virtualCpuOnRequest: true,
  usesEvents: MAX_EVENTS * (MAX_PARTS - 1),
  write(profile, sink, options = {}) {
    if (!profile.hasTimeline) throw noTimeline(this.name);
    const virtualCpu = options.virtualCpu ?? false;
    const cuts = cutsOf(profile, options.maxEvents ?? MAX_EVENTS, virtualCpu);
    const whole = cuts.length === 1 && profile.timelineEnd >= profile.duration;
    const shown = whole ? 1 : Math.min(cuts.length, Math.max(1, (options.maxParts ?? MAX_PARTS) - 1));
    const count = whole ? 1 : shown + 1;
    const open = (index: number): ByteSink => (whole ? sink.open() : sink.open({ index, count }));
    const readings = (tracks: readonly Track[]): Reading[] => tracks.map((track) => ({ track, open: [] }));
    let records = 0;
    const longest = longestOf(profile);
    if (!whole) {
      const name = `${title(profile)} (part 1 of ${count}: overview)`;
      const range = { from: 0, to: longest };
      records += writeFile(profile, open(1), name, readings(overviewTracks(profile)), range, Number.POSITIVE_INFINITY);
    }
    const tracks = readings(tracksOf(profile, virtualCpu));
    if (whole) tracks.unshift({ track: overviewTracks(profile)[0] as Track, end: longest, open: [] });
    for (let i = 0; i < shown; i++) {
      const last = i === cuts.length - 1;
      const { from, to } = cuts[i] as TimeRange;
      const range = { from, to: last ? profile.timelineEnd : to };
      const name = whole ? title(profile) : `${title(profile)} (part ${i + 2} of ${count})`;
      records += writeFile(profile, open(i + 2), name, tracks, range, last ? Number.POSITIVE_INFINITY : to);
    }
    const until = shown === cuts.length ? profile.timelineEnd : (cuts[shown - 1] as TimeRange).to;
    return { files: count, records, ...timelineNotes(profile, until) };
  },
};
