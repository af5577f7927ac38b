// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { bytes, count, duration, series, spark, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { DMA_DIRECTIONS, dmaStats } from './stats.js';

const POINTS = 200;

function dmaData(profile: Profile) {
  const dma = profile.topics.get(dmaStats);
  return {
    directions: { ...dma.directions, coherent: dma.coherent },
    lifetime: summary(dma.lifetime),
    syncs: dma.syncs,
    copied: dma.copied,
    faults: dma.faultCount,
    sites: dma.sites.map(({ node: _, ...site }) => site),
    liveAtEnd: dma.liveCount,
    /** In equal stretches of the recording: the most in each. */
    overTime: {
      mappings: series(dma.overTime.mappings, profile.duration, POINTS),
      bytes: series(dma.overTime.bytes, profile.duration, POINTS),
    },
  };
}

function dmaTables(profile: Profile, top: number, match?: (name: string) => boolean): Table[] {
  const dma = profile.topics.get(dmaStats);
  const rows = [...DMA_DIRECTIONS.map((d) => [d, dma.directions[d]] as const), ['coherent', dma.coherent] as const]
    .filter(([, s]) => s.maps + s.unmaps > 0)
    .map(([name, s]) => [
      name,
      count(s.maps),
      count(s.unmaps),
      bytes(s.bytes),
      count(s.live),
      bytes(s.liveBytes),
      count(s.maxLive),
    ]);
  const sites = dma.sites
    .filter((s) => match?.(s.function) ?? true)
    .slice(0, top)
    .map((s) => [
      s.function,
      s.coherent ? 'coherent' : s.direction,
      count(s.maps),
      count(s.unmaps),
      bytes(s.bytes),
      count(s.live),
      bytes(s.liveBytes),
      count(s.maxLive),
    ]);
  const lifetime = summary(dma.lifetime);
  return [
    {
      title: 'DMA',
      columns: [
        { head: 'direction', left: true },
        { head: 'maps' },
        { head: 'unmaps' },
        { head: 'mapped' },
        { head: 'live' },
        { head: 'live bytes' },
        { head: 'most live' },
      ],
      rows,
      notes:
        rows.length === 0
          ? []
          : [
              `lifetime p50 ${duration(lifetime.p50)}, p99 ${duration(lifetime.p99)}; ${count(dma.syncs)} syncs; ${bytes(dma.copied)} copied; ${count(dma.faultCount)} faults`,
              `live mappings over time |${spark(series(dma.overTime.mappings, profile.duration, 48))}| at most ${count(dma.overTime.mappings.max)}`,
              `mapped bytes over time  |${spark(series(dma.overTime.bytes, profile.duration, 48))}| at most ${bytes(dma.overTime.bytes.max)}`,
            ],
    },
    {
      title: 'DMA by call site',
      columns: [
        { head: 'function', left: true },
        { head: 'direction', left: true },
        { head: 'maps' },
        { head: 'unmaps' },
        { head: 'mapped' },
        { head: 'live' },
        { head: 'live bytes' },
        { head: 'most live' },
      ],
      rows: sites,
    },
  ];
}

export const dmaTable: TopicTable = {
  name: 'dma',
  summary: true,
  data: dmaData,
  tables: (profile, top, { match }) => dmaTables(profile, top, match),
};
