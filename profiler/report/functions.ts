// SPDX-License-Identifier: MIT
// Calls: kernel API, driver functions, everything; callers and callees of one function; threads.

import type { FrameKind, Profile } from '../model/index.js';
import { count, duration, percent } from '../show/index.js';
import type { Table } from '../show/index.js';

export interface FunctionRow {
  name: string;
  kind: FrameKind;
  file?: string;
  calls: number;
  /** Nanoseconds on the CPU, callees included, time blocked and in interrupts not. */
  total: number;
  self: number;
  /** Nanoseconds from entry to exit. */
  wall: number;
  mean: number;
  min: number;
  p50: number;
  p99: number;
  max: number;
  /** Of the busy time of the virtual CPU. */
  share: number;
}

export function functionRows(profile: Profile, kinds: readonly FrameKind[]): FunctionRow[] {
  const rows: FunctionRow[] = [];
  const { stats } = profile;
  for (const f of profile.frames.list) {
    const calls = stats.calls[f.id] as number;
    if (calls === 0 || !kinds.includes(f.kind)) continue;
    const h = profile.histograms[f.id];
    const total = stats.total[f.id] as number;
    const row: FunctionRow = {
      name: f.name,
      kind: f.kind,
      calls,
      total,
      self: stats.self[f.id] as number,
      wall: stats.wall[f.id] as number,
      mean: h?.mean ?? 0,
      min: h === undefined || h.count === 0 ? 0 : h.min,
      p50: h?.percentile(0.5) ?? 0,
      p99: h?.percentile(0.99) ?? 0,
      max: h?.max ?? 0,
      share: profile.busy > 0 ? total / profile.busy : 0,
    };
    if (f.file !== undefined) row.file = f.file;
    rows.push(row);
  }
  return rows.sort((a, b) => b.total - a.total || b.calls - a.calls || (a.name < b.name ? -1 : 1));
}

export function functionTable(title: string, rows: readonly FunctionRow[], top: number, busy: number): Table {
  const shown = rows.slice(0, top);
  const blocked = shown.some((r) => r.wall > r.total * 1.01);
  return {
    title,
    columns: [
      { head: 'function', left: true },
      { head: 'calls' },
      { head: 'total' },
      { head: 'self' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'max' },
      { head: 'share' },
      ...(blocked ? [{ head: 'wall' }] : []),
    ],
    rows: shown.map((r) => [
      r.name,
      count(r.calls),
      duration(r.total),
      duration(r.self),
      duration(r.p50),
      duration(r.p99),
      duration(r.max),
      percent(r.total, busy),
      ...(blocked ? [duration(r.wall)] : []),
    ]),
    notes: rows.length > top ? [`${rows.length - top} more (--top ${rows.length})`] : [],
  };
}

export interface EdgeRow {
  direction: 'caller' | 'callee';
  name: string;
  calls: number;
  total: number;
}

/** Who calls a function and what it calls, over all stacks. */
export function edgeRows(profile: Profile, name: string): EdgeRow[] {
  const { tree, frames } = profile;
  const sums = new Map<string, EdgeRow>();
  const add = (direction: EdgeRow['direction'], other: number, node: number): void => {
    const otherName = frames.get(tree.frame[other] as number).name;
    const key = `${direction} ${otherName}`;
    const row = sums.get(key) ?? { direction, name: otherName, calls: 0, total: 0 };
    row.calls += tree.calls[node] as number;
    row.total += tree.total[node] as number;
    sums.set(key, row);
  };
  for (let n = 1; n < tree.size; n++) {
    if (frames.get(tree.frame[n] as number).name !== name) continue;
    add('caller', tree.parent[n] as number, n);
    for (const c of tree.children(n)) add('callee', c, c);
  }
  return [...sums.values()].sort((a, b) =>
    a.direction < b.direction ? 1 : a.direction > b.direction ? -1 : b.total - a.total,
  );
}

export function edgeTable(name: string, rows: readonly EdgeRow[], top: number): Table {
  return {
    title: `Callers and callees of ${name}`,
    columns: [{ head: '', left: true }, { head: 'function', left: true }, { head: 'calls' }, { head: 'total' }],
    rows: rows.slice(0, top).map((r) => [r.direction, r.name, count(r.calls), duration(r.total)]),
  };
}

export interface ThreadRow {
  name: string;
  tid: number;
  role: string;
  onCpu: number;
  blocked: number;
  switches: number;
  calls: number;
}

export function threadRows(profile: Profile): ThreadRow[] {
  return profile.threads
    .filter((t) => t.end > 0)
    .map(({ name, tid, role, onCpu, blocked, switches, calls }) => ({
      name,
      tid,
      role,
      onCpu,
      blocked,
      switches,
      calls,
    }))
    .sort((a, b) => b.onCpu - a.onCpu);
}

export function threadTable(rows: readonly ThreadRow[], top: number, duration_: number): Table {
  return {
    title: 'Threads',
    columns: [
      { head: 'thread', left: true },
      { head: 'tid' },
      { head: 'role', left: true },
      { head: 'on CPU' },
      { head: 'share' },
      { head: 'blocked' },
      { head: 'switches' },
      { head: 'calls' },
    ],
    rows: rows
      .slice(0, top)
      .map((r) => [
        r.name,
        String(r.tid),
        r.role,
        duration(r.onCpu),
        percent(r.onCpu, duration_),
        duration(r.blocked),
        count(r.switches),
        count(r.calls),
      ]),
    notes: rows.length > top ? [`${rows.length - top} more`] : [],
  };
}
