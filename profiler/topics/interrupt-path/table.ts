// SPDX-License-Identifier: MIT
import type { Histogram, Profile } from '../../model/index.js';
import { count, duration, spark, withOctaves, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { type InterruptPath, pathStats } from './stats.js';

type Station = 'toHandler' | 'toRaise' | 'toSoftirq' | 'toPoll' | 'whole';

export const STATIONS: readonly (readonly [Station, string])[] = [
  ['toHandler', 'signal -> handler'],
  ['toRaise', 'handler -> raise of NET_RX'],
  ['toSoftirq', 'raise -> softirq'],
  ['toPoll', 'softirq -> first poll'],
  ['whole', 'signal -> poll'],
];

function pathData(profile: Profile) {
  return profile.topics.get(pathStats).map((p: InterruptPath) => ({
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

function tableOf(profile: Profile, match?: (name: string) => boolean): Table {
  const rows = profile.topics
    .get(pathStats)
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
      { head: 'stage', left: true },
      { head: 'count' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'p99.9' },
      { head: 'max' },
    ],
    rows,
    notes: profile.topics
      .get(pathStats)
      .filter((p) => p.whole.count > 0 && (match?.(p.name) ?? true))
      .map((p) => `irq ${p.irq}, signal -> poll in powers of two: ${shape(p.whole)}`),
  };
}

export const pathTable: TopicTable = {
  name: 'latency',
  showsAll: true,
  data: pathData,
  tables: (profile, _, { match }) => [tableOf(profile, match)],
};
