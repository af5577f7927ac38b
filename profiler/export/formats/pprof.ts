// SPDX-License-Identifier: MIT
// pprof's profile.proto, gzipped: one sample per stack with calls and nanoseconds on the CPU, labelled with the thread.
// Not for time order; good for `go tool pprof -diff_base` and all viewers that read it.

import { gzipSync } from 'node:zlib';
import {
  Function as PprofFunction,
  Label,
  Line,
  Location,
  Profile as PprofProfile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { contextOf, type Frame, mergedTree, type Profile } from '../../model/index.js';
import type { Exporter } from '../exporter.js';
import { displayFile, displayName, title } from '../writers/names.js';

function locations(profile: Profile, strings: StringTable): { location: Location[]; fn: PprofFunction[] } {
  const location: Location[] = [];
  const fn: PprofFunction[] = [];
  for (const f of profile.frames.list) {
    const id = f.id + 1;
    const name = strings.dedup(displayName(f));
    fn.push(
      new PprofFunction({
        id,
        name,
        systemName: name,
        filename: strings.dedup(f.file ?? displayFile(f)),
        startLine: f.line ?? 0,
      }),
    );
    location.push(
      new Location({ id, address: f.address ?? 0, line: [new Line({ functionId: id, line: f.line ?? 0 })] }),
    );
  }
  return { location, fn };
}

/** The context of a stack: that of its outermost frame that opens one. */
function context(stack: readonly Frame[]): string {
  for (const f of stack) {
    const c = contextOf(f.kind);
    if (c !== undefined) return c;
  }
  return 'process';
}

export const pprof: Exporter = {
  name: 'pprof',
  extension: 'pb.gz',
  description: 'pprof profile: calls and time per stack, for go tool pprof and others',
  needsTimeline: false,
  callsOnly: true,
  write(profile, sink) {
    const strings = new StringTable();
    const { location, fn } = locations(profile, strings);
    const tree = mergedTree(profile);
    const contextKey = strings.dedup('context');
    const sample: Sample[] = [];
    for (let n = 1; n < tree.size; n++) {
      const calls = tree.calls[n] as number;
      const self = tree.self[n] as number;
      if (calls === 0 && self === 0) continue;
      const ids: number[] = [];
      for (let k = n; k > 0; k = tree.parent[k] as number) ids.push((tree.frame[k] as number) + 1);
      const outer = profile.frames.get((ids[ids.length - 1] as number) - 1);
      sample.push(
        new Sample({
          locationId: ids,
          value: [calls, Math.max(0, self)],
          label: [new Label({ key: contextKey, str: strings.dedup(context([outer])) })],
        }),
      );
    }
    const valueType = (type: string, unit: string) =>
      new ValueType({ type: strings.dedup(type), unit: strings.dedup(unit) });
    const encoded = new PprofProfile({
      sampleType: [valueType('calls', 'count'), valueType('time', 'nanoseconds')],
      sample,
      location,
      function: fn,
      stringTable: strings,
      timeNanos: BigInt(Math.round(profile.meta.startedAt ?? 0)) * 1_000_000n,
      durationNanos: profile.duration,
      periodType: valueType('time', 'nanoseconds'),
      period: 1,
      defaultSampleType: strings.dedup('time'),
      comment: [strings.dedup(title(profile))],
    }).encode();
    const file = sink.open();
    file.write(gzipSync(encoded));
    file.end();
    return { files: 1, records: sample.length };
  },
};
