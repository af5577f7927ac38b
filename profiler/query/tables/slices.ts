// SPDX-License-Identifier: MIT
// The tables `slice` and `call_words`: a row for each call and context, by the time of its entry.
//
// A row takes its place when the call is entered and is filled when it is left, so a row group is in order of time as it comes. Calls that are
// still open when their group is full are written to a part of their own at the end: few, and long.

import { categoryOf } from '../../model/index.js';
import type { CallColumns, CallSink, ProfileBuilder, ThreadState } from '../../read/index.js';
import type { ParquetColumn, ParquetWriter } from '../../../tracer/recorder/parquet.js';
import { GROUP_ROWS, openPart, type SetOptions } from './table.js';

const SLICE_COLUMNS: readonly ParquetColumn[] = [
  { name: 'id', type: 'i64', sorted: true },
  { name: 'ts', type: 'i64', sorted: true },
  { name: 'dur', type: 'i64' },
  { name: 'off_dur', type: 'i64' },
  { name: 'child_dur', type: 'i64' },
  { name: 'utid', type: 'u32' },
  { name: 'name', type: 'text' },
  { name: 'category', type: 'text' },
  { name: 'function_id', type: 'u32' },
  { name: 'depth', type: 'u16' },
  { name: 'parent_id', type: 'i64', sorted: true, optional: true },
  { name: 'recursive', type: 'u8' },
];

const MORE = 5;
const CALL_COLUMNS: readonly ParquetColumn[] = [
  { name: 'slice_id', type: 'i64', sorted: true },
  { name: 'function_id', type: 'u32' },
  { name: 'arg0', type: 'u32', optional: true },
  ...Array.from({ length: MORE }, (_, i) => ({ name: `arg${i + 1}`, type: 'u32' as const, optional: true })),
  { name: 'ret', type: 'u32', optional: true },
];

/** Bits of `has`: an entry's words, a return value. */
const ENTRY = 1;
const RETURN = 2;

/** Columns of calls. */
class Rows {
  n = 0;
  readonly id: Float64Array;
  readonly ts: Float64Array;
  /** -1: still open. */
  readonly dur: Float64Array;
  readonly off: Float64Array;
  readonly child: Float64Array;
  readonly utid: Uint32Array;
  readonly frame: Uint32Array;
  readonly depth: Uint16Array;
  /** -1: none. */
  readonly parent: Float64Array;
  readonly recursive: Uint8Array;
  readonly has: Uint8Array;
  readonly arg: Uint32Array;
  readonly ret: Uint32Array;
  readonly extra: Uint8Array;
  readonly more: Uint32Array;

  constructor(room: number) {
    this.id = new Float64Array(room);
    this.ts = new Float64Array(room);
    this.dur = new Float64Array(room);
    this.off = new Float64Array(room);
    this.child = new Float64Array(room);
    this.utid = new Uint32Array(room);
    this.frame = new Uint32Array(room);
    this.depth = new Uint16Array(room);
    this.parent = new Float64Array(room);
    this.recursive = new Uint8Array(room);
    this.has = new Uint8Array(room);
    this.arg = new Uint32Array(room);
    this.ret = new Uint32Array(room);
    this.extra = new Uint8Array(room);
    this.more = new Uint32Array(room * MORE);
  }

  copy(from: Rows, i: number, to: number): void {
    this.id[to] = from.id[i] as number;
    this.ts[to] = from.ts[i] as number;
    this.dur[to] = from.dur[i] as number;
    this.off[to] = from.off[i] as number;
    this.child[to] = from.child[i] as number;
    this.utid[to] = from.utid[i] as number;
    this.frame[to] = from.frame[i] as number;
    this.depth[to] = from.depth[i] as number;
    this.parent[to] = from.parent[i] as number;
    this.recursive[to] = from.recursive[i] as number;
    this.has[to] = from.has[i] as number;
    this.arg[to] = from.arg[i] as number;
    this.ret[to] = from.ret[i] as number;
    this.extra[to] = from.extra[i] as number;
    for (let k = 0; k < MORE; k++) this.more[to * MORE + k] = from.more[i * MORE + k] as number;
  }

  /** Copies the rows in the order of their numbers. */
  sorted(): Rows {
    const order = Array.from({ length: this.n }, (_, i) => i).sort(
      (a, b) => (this.id[a] as number) - (this.id[b] as number),
    );
    const out = new Rows(this.n);
    order.forEach((i, to) => {
      out.copy(this, i, to);
    });
    out.n = this.n;
    return out;
  }
}

/** Names, categories and what has words, by frame; made anew for each group, as frames come in between. */
class Names {
  readonly names: string[] = [];
  readonly categories: string[] = [];
  readonly category: Uint32Array;
  readonly hasArgs: Uint8Array;
  readonly returns: Uint8Array;

  constructor(builder: ProfileBuilder) {
    const { list } = builder.frames;
    this.category = new Uint32Array(list.length);
    this.hasArgs = new Uint8Array(list.length);
    this.returns = new Uint8Array(list.length);
    const places = new Map<string, number>();
    for (const { id, name, kind, signature } of list) {
      this.names.push(name);
      const category = categoryOf(kind);
      if (!places.has(category)) places.set(category, this.categories.push(category) - 1);
      this.category[id] = places.get(category) as number;
      this.hasArgs[id] = signature?.args.some((a) => a.word !== undefined) === true ? 1 : 0;
      this.returns[id] = signature?.returns !== undefined ? 1 : 0;
    }
  }
}

export class SliceTables implements Omit<CallSink, 'away'> {
  private readonly set: SetOptions;
  private readonly builder: ProfileBuilder;
  private readonly rows = new Rows(GROUP_ROWS);
  private readonly late = new Rows(GROUP_ROWS);
  /** Open calls of groups that have been written, by number: a row of it each. */
  private readonly open = new Map<number, number>();
  private openRows = new Rows(256);
  private free: number[] = Array.from({ length: 256 }, (_, i) => i);
  /** The number of the first row. */
  private base = 0;
  private last: Rows = this.rows;
  private lastRow = -1;
  private readonly words = {
    ids: new Float64Array(GROUP_ROWS),
    frames: new Uint32Array(GROUP_ROWS),
    words: Array.from({ length: MORE + 2 }, () => new Uint32Array(GROUP_ROWS)),
    valid: Array.from({ length: MORE + 2 }, () => new Uint8Array(GROUP_ROWS)),
  };
  private slices: ParquetWriter | undefined;
  private calls: ParquetWriter | undefined;
  private lateSlices: ParquetWriter | undefined;
  private lateCalls: ParquetWriter | undefined;

  constructor(set: SetOptions, builder: ProfileBuilder) {
    this.set = set;
    this.builder = builder;
  }

  opened(s: ThreadState, d: number, b: CallColumns | undefined, i: number): void {
    const { rows } = this;
    if (rows.n === GROUP_ROWS) this.flush();
    const row = rows.n++;
    const id = this.base + row;
    rows.id[row] = id;
    rows.ts[row] = s.at[d] as number;
    rows.dur[row] = -1;
    rows.utid[row] = s.index;
    rows.frame[row] = s.frame[d] as number;
    rows.depth[row] = d - 1;
    rows.parent[row] = s.call[d - 1] as number;
    rows.recursive[row] = this.builder.tree.recursive[s.node[d] as number] as number;
    s.call[d] = id;
    if (b === undefined) {
      rows.has[row] = 0;
      return;
    }
    rows.has[row] = ENTRY;
    rows.arg[row] = b.arg[i] as number;
    const start = b.payloadStart[i] as number;
    let n = 0;
    if (start > 0) {
      n = Math.min(MORE, b.payload[start - 1] as number);
      for (let k = 0; k < n; k++) rows.more[row * MORE + k] = b.payload[start + k] as number;
    }
    rows.extra[row] = n;
  }

  closed(s: ThreadState, d: number, wall: number, off: number, child: number): void {
    const id = s.call[d] as number;
    let rows = this.rows;
    let row = id - this.base;
    if (row < 0) {
      rows = this.late;
      if (rows.n === GROUP_ROWS) this.flushLate();
      row = rows.n++;
      const kept = this.open.get(id) as number;
      rows.copy(this.openRows, kept, row);
      this.open.delete(id);
      this.free.push(kept);
    }
    rows.dur[row] = wall;
    rows.off[row] = off;
    rows.child[row] = child;
    this.last = rows;
    this.lastRow = row;
  }

  returned(word: number): void {
    const { last, lastRow } = this;
    last.ret[lastRow] = word;
    last.has[lastRow] = (last.has[lastRow] as number) | RETURN;
  }

  /** The group is full, or the recording at its end. */
  private flush(): void {
    const { rows } = this;
    let to = 0;
    for (let i = 0; i < rows.n; i++) {
      if ((rows.dur[i] as number) < 0) this.keepOpen(i);
      else {
        if (to < i) rows.copy(rows, i, to);
        to++;
      }
    }
    this.base += rows.n;
    rows.n = to;
    this.slices ??= openPart(this.set, 'slice', 0, SLICE_COLUMNS);
    this.calls ??= openPart(this.set, 'call_words', 0, CALL_COLUMNS);
    this.write(rows, this.slices, this.calls);
    rows.n = 0;
  }

  private keepOpen(i: number): void {
    let kept = this.free.pop();
    if (kept === undefined) {
      const wider = new Rows(this.openRows.id.length * 2);
      for (let k = 0; k < this.openRows.id.length; k++) wider.copy(this.openRows, k, k);
      for (let k = this.openRows.id.length; k < wider.id.length; k++) this.free.push(k);
      this.openRows = wider;
      kept = this.free.pop() as number;
    }
    this.openRows.copy(this.rows, i, kept);
    this.open.set(this.rows.id[i] as number, kept);
  }

  private flushLate(): void {
    if (this.late.n === 0) return;
    this.lateSlices ??= openPart(this.set, 'slice', 1, SLICE_COLUMNS);
    this.lateCalls ??= openPart(this.set, 'call_words', 1, CALL_COLUMNS);
    this.write(this.late.sorted(), this.lateSlices, this.lateCalls);
    this.late.n = 0;
  }

  private write(rows: Rows, slices: ParquetWriter, calls: ParquetWriter): void {
    const { n, frame } = rows;
    const names = new Names(this.builder);
    const category = new Uint32Array(n);
    const valid = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      category[i] = names.category[frame[i] as number] as number;
      valid[i] = (rows.parent[i] as number) >= 0 ? 1 : 0;
    }
    slices.add(n, [
      { values: rows.id },
      { values: rows.ts },
      { values: rows.dur },
      { values: rows.off },
      { values: rows.child },
      { values: rows.utid },
      { values: frame, texts: names.names },
      { values: category, texts: names.categories },
      { values: frame },
      { values: rows.depth },
      { values: rows.parent, valid },
      { values: rows.recursive },
    ]);
    this.writeWords(rows, names, calls);
  }

  /** Only of functions of which something is known. */
  private writeWords(rows: Rows, names: Names, calls: ParquetWriter): void {
    const { n, frame, has, arg, ret, extra, more, id } = rows;
    const { ids, frames, words, valid } = this.words;
    for (const column of valid) column.fill(0);
    const { hasArgs, returns } = names;
    let to = 0;
    for (let i = 0; i < n; i++) {
      const f = frame[i] as number;
      const what = has[i] as number;
      const entry = (what & ENTRY) !== 0 && hasArgs[f] === 1;
      const returned = (what & RETURN) !== 0 && returns[f] === 1;
      if (!entry && !returned) continue;
      ids[to] = id[i] as number;
      frames[to] = f;
      if (entry) {
        (words[0] as Uint32Array)[to] = arg[i] as number;
        (valid[0] as Uint8Array)[to] = 1;
        for (let k = 1; k <= (extra[i] as number); k++) {
          (words[k] as Uint32Array)[to] = more[i * MORE + k - 1] as number;
          (valid[k] as Uint8Array)[to] = 1;
        }
      }
      if (returned) {
        (words[MORE + 1] as Uint32Array)[to] = ret[i] as number;
        (valid[MORE + 1] as Uint8Array)[to] = 1;
      }
      to++;
    }
    const columns = words.map((values, k) => ({ values, valid: valid[k] as Uint8Array }));
    calls.add(to, [{ values: ids }, { values: frames }, ...columns]);
  }

  finish(): void {
    this.flush();
    this.flushLate();
    for (const writer of [this.slices, this.calls, this.lateSlices, this.lateCalls]) writer?.finish();
  }
}
