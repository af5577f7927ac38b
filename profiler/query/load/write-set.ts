// SPDX-License-Identifier: MIT
// A recording to a set of Parquet tables: one pass through the events.

import type { EventBatch, Trace } from '../../../tracer/decode/types.js';
import { findings } from '../../findings/index.js';
import type { FrameId } from '../../model/index.js';
import type { CallColumns, LoadOptions, ProfileBuilder, Symbols, ThreadState, TraceSink } from '../../read/index.js';
import { profileFromTrace } from '../../topics/load.js';
import { EventTables } from '../tables/events.js';
import { writeFacts } from '../tables/facts.js';
import { SliceTables } from '../tables/slices.js';
import { type SetOptions, Table } from '../tables/table.js';

/** Perfetto's letters, as far as there are any. */
const STATES: Readonly<Record<string, string>> = {
  '(blocked)': 'S',
  '(waiting for the CPU)': 'R',
  '(idle)': 'I',
  '(events lost)': 'lost',
};

class SetSink implements TraceSink {
  private readonly set: SetOptions;
  private slices: SliceTables | undefined;
  private events: EventTables | undefined;
  private readonly states: Table;
  private readonly flows: Table;
  private flowCount = 0;
  private builder: ProfileBuilder | undefined;

  constructor(set: SetOptions) {
    this.set = set;
    this.states = new Table(set, 'thread_state', [
      { name: 'ts', type: 'i64' },
      { name: 'dur', type: 'i64' },
      { name: 'utid', type: 'u32' },
      { name: 'state', type: 'text' },
    ]);
    this.flows = new Table(set, 'flow', [
      { name: 'id', type: 'i64', sorted: true },
      { name: 'kind', type: 'text' },
      { name: 'from_ts', type: 'i64' },
      { name: 'from_utid', type: 'u32' },
      { name: 'to_ts', type: 'i64' },
      { name: 'to_utid', type: 'u32' },
    ]);
  }

  begin(trace: Trace, builder: ProfileBuilder, symbols: Symbols): void {
    this.builder = builder;
    builder.flows.listener = ({ kind, fromTime, fromThread, toTime, toThread }) =>
      this.flows.add([this.flowCount++, kind, fromTime, fromThread, toTime, toThread]);
    this.slices = new SliceTables(this.set, builder);
    this.events = new EventTables(this.set, trace, symbols);
  }

  opened(s: ThreadState, d: number, b: CallColumns | undefined, i: number): void {
    (this.slices as SliceTables).opened(s, d, b, i);
  }

  closed(s: ThreadState, d: number, wall: number, off: number, child: number): void {
    (this.slices as SliceTables).closed(s, d, wall, off, child);
  }

  returned(word: number): void {
    (this.slices as SliceTables).returned(word);
  }

  away(s: ThreadState, frame: FrameId, from: number, wall: number): void {
    const name = this.builder?.frames.list[frame]?.name ?? '';
    this.states.add([from, wall, s.index, STATES[name] ?? name]);
  }

  event(s: ThreadState, t: number, b: EventBatch, i: number): void {
    (this.events as EventTables).add(s, t, b, i);
  }

  finish(): void {
    this.slices?.finish();
    this.events?.finish();
    this.states.finish();
    this.flows.finish();
  }
}

export type SetRequest = Pick<LoadOptions, 'filter' | 'onProgress' | 'title'>;

/** Writes all tables but those that SQL makes of them. Throws ParquetError. */
export function writeRecordedTables(trace: Trace, set: SetOptions, request: SetRequest): void {
  const sink = new SetSink(set);
  const profile = profileFromTrace(trace, { ...request, timeline: false, sink });
  sink.finish();
  // A part of a recording does not tell what is wrong in all of it.
  const whole = request.filter === undefined;
  writeFacts(set, { trace, profile, findings: whole ? findings(profile) : [] });
}
