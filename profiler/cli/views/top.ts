// SPDX-License-Identifier: MIT
// One window of `top`: from a profile to numbers per second, and from those to a screen. Pure.

import type { Recorder } from '../../record/attaching.js';
import type { FrameKind, Profile } from '../../model/index.js';
import { bytes, count, duration, percent, renderTable, seconds, styleOf } from '../../show/index.js';
import { dmaStats } from '../../topics/dma/stats.js';
import { irqStats } from '../../topics/irq/stats.js';
import { registerStats } from '../../topics/registers/stats.js';
import { softirqStats } from '../../topics/softirq/stats.js';

export interface TopFunction {
  readonly name: string;
  readonly kind: FrameKind;
  readonly callsPerSecond: number;
  /** Of the window: callees included, and without. */
  readonly share: number;
  readonly selfShare: number;
  readonly meanNs: number;
  readonly maxNs: number;
}

export interface TopWindow {
  readonly pid: number;
  readonly driver: string;
  /** Who records: then it says what is recorded, and this reads along. */
  readonly recorder: Recorder | null;
  readonly seconds: number;
  /** The virtual CPU's busy time, of the window. */
  readonly busyShare: number;
  readonly interruptsPerSecond: number;
  readonly interrupts: readonly { readonly irq: number; readonly name: string; readonly perSecond: number }[];
  readonly softirqShare: number;
  readonly softirqs: readonly { readonly name: string; readonly perSecond: number; readonly share: number }[];
  readonly dma: {
    /** Mappings alive now; null when the system does not let us look into the process. */
    readonly inFlight: number | null;
    readonly mapsPerSecond: number;
    readonly bytesPerSecond: number;
  };
  readonly registers: { readonly readsPerSecond: number; readonly writesPerSecond: number };
  readonly events: { readonly recorded: number; readonly lost: number };
  readonly functions: readonly TopFunction[];
}

export const SORTS = ['time', 'self', 'calls', 'mean', 'name'] as const;
export type Sort = (typeof SORTS)[number];
export const KINDS = ['all', 'api', 'driver', 'core'] as const;
export type Kind = (typeof KINDS)[number];

export interface TopChoice {
  readonly sort: Sort;
  readonly kind: Kind;
  /** Part of a function's name. */
  readonly filter: string;
  /** What --match asks for. */
  readonly match?: (name: string) => boolean;
}

export function topWindow(
  profile: Profile,
  facts: {
    readonly pid: number;
    readonly driver: string;
    readonly inFlight: number | undefined;
    readonly recorder?: Recorder | undefined;
  },
): TopWindow {
  const span = Math.max(1, profile.duration);
  const seconds = span / 1e9;
  const { stats, topics } = profile;
  const [irqs, softirqs, registers] = [topics.get(irqStats), topics.get(softirqStats), topics.get(registerStats)];
  const dma = topics.get(dmaStats);
  const sum = <T>(list: Iterable<T>, of: (one: T) => number): number => {
    let all = 0;
    for (const one of list) all += of(one);
    return all;
  };
  const directions = [...Object.values(dma.directions), dma.coherent];
  return {
    pid: facts.pid,
    driver: facts.driver,
    recorder: facts.recorder ?? null,
    seconds,
    busyShare: profile.busy / span,
    interruptsPerSecond: sum(irqs, (irq) => irq.count) / seconds,
    interrupts: irqs
      .filter((irq) => irq.count > 0)
      .map(({ irq, name, count }) => ({ irq, name, perSecond: count / seconds })),
    softirqShare: sum(softirqs, (one) => one.total) / span,
    softirqs: softirqs
      .filter((one) => one.runs > 0)
      .map(({ name, runs, total }) => ({ name, perSecond: runs / seconds, share: total / span })),
    dma: {
      inFlight: facts.inFlight ?? null,
      mapsPerSecond: sum(directions, (one) => one.maps) / seconds,
      bytesPerSecond: sum(directions, (one) => one.bytes) / seconds,
    },
    registers: {
      readsPerSecond: sum(registers, (one) => one.reads) / seconds,
      writesPerSecond: sum(registers, (one) => one.writes) / seconds,
    },
    events: { recorded: profile.accounting.recorded, lost: profile.accounting.lost },
    functions: profile.frames.list.flatMap((frame) => {
      const calls = stats.calls[frame.id] as number;
      if (calls === 0 || frame.kind === 'thread' || frame.kind === 'blocked') return [];
      const histogram = profile.histograms[frame.id];
      return {
        name: frame.name,
        kind: frame.kind,
        callsPerSecond: calls / seconds,
        share: (stats.total[frame.id] as number) / span,
        selfShare: (stats.self[frame.id] as number) / span,
        meanNs: histogram?.mean ?? 0,
        maxNs: histogram?.max ?? 0,
      };
    }),
  };
}

export function chosenFunctions(window: TopWindow, { sort, kind, filter, match }: TopChoice): TopFunction[] {
  const key: Record<Exclude<Sort, 'name'>, (f: TopFunction) => number> = {
    time: (f) => f.share,
    self: (f) => f.selfShare,
    calls: (f) => f.callsPerSecond,
    mean: (f) => f.meanNs,
  };
  const byName = (a: TopFunction, b: TopFunction): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return window.functions
    .filter((f) => (kind === 'all' || f.kind === kind) && f.name.includes(filter) && (match?.(f.name) ?? true))
    .sort((a, b) => (sort === 'name' ? 0 : key[sort](b) - key[sort](a)) || byName(a, b));
}

const share = (part: number): string => percent(part, 1);

export function topScreen(
  window: TopWindow,
  choice: TopChoice,
  screen: { readonly width: number; readonly rows: number; readonly color: boolean; readonly note?: string },
): string {
  const { dma, registers, events } = window;
  const style = styleOf(screen.color, screen.width);
  const lost = events.lost > 0 ? `, ${count(events.lost)} LOST` : '';
  const along = window.recorder === null ? '' : `  (as process ${window.recorder.pid} records)`;
  const head = [
    `${window.driver} (process ${window.pid})  CPU ${share(window.busyShare)}  ` +
      `${count(events.recorded)} events in ${seconds(window.seconds * 1e9, 2)}${lost}${along}${screen.note ?? ''}`,
    `interrupts ${count(window.interruptsPerSecond)}/s  ` +
      window.interrupts.map((one) => `${one.name || one.irq} ${count(one.perSecond)}`).join('  '),
    `softirq ${share(window.softirqShare)}  ` +
      window.softirqs.map((one) => `${one.name} ${count(one.perSecond)}/s ${share(one.share)}`).join('  '),
    `DMA in flight ${dma.inFlight ?? '-'}  maps ${count(dma.mapsPerSecond)}/s ${bytes(Math.round(dma.bytesPerSecond))}/s  ` +
      `registers: reads ${count(registers.readsPerSecond)}/s, writes ${count(registers.writesPerSecond)}/s`,
  ].map((line) => line.trimEnd().slice(0, screen.width));
  const functions = chosenFunctions(window, choice);
  const filter = choice.filter === '' ? '' : `, name has "${choice.filter}"`;
  const table = renderTable(
    {
      title: `${functions.length} functions by ${choice.sort}${choice.kind === 'all' ? '' : `, ${choice.kind} only`}${filter}`,
      columns: [
        { head: 'function', left: true },
        { head: 'kind', left: true },
        { head: 'calls/s' },
        { head: 'time' },
        { head: 'self' },
        { head: 'mean' },
        { head: 'max' },
      ],
      rows: functions
        .slice(0, Math.max(1, screen.rows - head.length - 3))
        .map((f) => [
          f.name,
          f.kind,
          count(f.callsPerSecond),
          share(f.share),
          share(f.selfShare),
          duration(f.meanNs),
          duration(f.maxNs),
        ]),
    },
    style,
  );
  return `${head.join('\n')}\n${table}`;
}
