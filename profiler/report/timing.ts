// SPDX-License-Identifier: MIT
// The way of an interrupt from station to station, and timers.

import type { Histogram, InterruptPath, Profile } from '../model/index.js';
import { spread } from './domains.js';
import { count, duration } from './format.js';
import { spark } from './over-time.js';
import type { Table } from './table.js';

type Station = 'toHandler' | 'toRaise' | 'toSoftirq' | 'toPoll' | 'whole';

export const STATIONS: readonly (readonly [Station, string])[] = [
  ['toHandler', 'signal -> handler'],
  ['toRaise', 'handler -> raise of NET_RX'],
  ['toSoftirq', 'raise -> softirq'],
  ['toPoll', 'softirq -> first poll'],
  ['whole', 'signal -> poll'],
];

/** With the filled buckets in powers of two: {from, to, count}, ns. */
export function withOctaves(h: Histogram) {
  return { ...spread(h), p999: h.percentile(0.999), histogram: h.octaves() };
}

export function pathData(profile: Profile) {
  return profile.domain.paths.map((p: InterruptPath) => ({
    irq: p.irq,
    name: p.name,
    ...Object.fromEntries(STATIONS.map(([key]) => [key, withOctaves(p[key])])),
  }));
}

/** The octaves from the first to the last filled one, as a picture. */
function shape(h: Histogram): string {
  const octaves = h.octaves();
  const first = octaves[0];
  const last = octaves[octaves.length - 1];
  if (first === undefined || last === undefined) return '';
  const exponent = (from: number): number => (from < 1 ? -1 : Math.round(Math.log2(from)));
  const values = new Array<number>(exponent(last.from) - exponent(first.from) + 1).fill(0);
  for (const o of octaves) values[exponent(o.from) - exponent(first.from)] = o.count;
  return `${duration(first.from)} |${spark(values)}| ${duration(last.to)}`;
}

export function pathTable(profile: Profile, match?: (name: string) => boolean): Table {
  const rows = profile.domain.paths
    .filter((p) => match?.(p.name) ?? true)
    .flatMap((p) =>
      STATIONS.filter(([key]) => p[key].count > 0).map(([key, text]) => {
        const s = withOctaves(p[key]);
        return [
          `${p.irq} ${p.name}`,
          text,
          count(s.count),
          duration(s.p50),
          duration(s.p99),
          duration(s.p999),
          duration(s.max),
        ];
      }),
    );
  return {
    title: 'From interrupt to poll',
    columns: [
      { head: 'irq', left: true },
      { head: 'way', left: true },
      { head: 'count' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'p99.9' },
      { head: 'max' },
    ],
    rows,
    notes: profile.domain.paths
      .filter((p) => p.whole.count > 0 && (match?.(p.name) ?? true))
      .map((p) => `irq ${p.irq}, signal -> poll in powers of two: ${shape(p.whole)}`),
  };
}

export function timerData(profile: Profile) {
  return profile.domain.timers.map((t) => ({ ...t, delay: spread(t.delay), duration: spread(t.duration) }));
}

export function timerTable(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = timerData(profile).filter((t) => match?.(t.name) ?? true);
  return {
    title: 'Timers',
    columns: [
      { head: 'function', left: true },
      { head: 'kind', left: true },
      { head: 'armed' },
      { head: 'moved' },
      { head: 'cancelled' },
      { head: 'expired' },
      { head: 'pending' },
      { head: 'after p50' },
      { head: 'max' },
      { head: 'ran' },
      { head: 'p50' },
      { head: 'max' },
    ],
    rows: all
      .slice(0, top)
      .map((t) => [
        t.name,
        t.kind,
        count(t.started),
        count(t.moved),
        count(t.cancelled),
        count(t.expired),
        count(t.pending),
        t.delay.count > 0 ? duration(t.delay.p50) : '-',
        t.delay.count > 0 ? duration(t.delay.max) : '-',
        duration(t.total),
        t.duration.count > 0 ? duration(t.duration.p50) : '-',
        t.duration.count > 0 ? duration(t.duration.max) : '-',
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}
