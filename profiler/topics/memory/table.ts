// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { bytes, count, duration, series, spark, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { memoryStats } from './stats.js';

const POINTS = 200;

function allocationData(profile: Profile) {
  const a = profile.topics.get(memoryStats);
  return {
    from: a.from,
    allocations: a.allocations,
    frees: a.frees,
    bytes: a.bytes,
    live: a.live,
    liveBytes: a.liveBytes,
    maxLiveBytes: a.maxLiveBytes,
    notFollowed: a.missed,
    lifetime: summary(a.lifetime),
    /** Live bytes in equal stretches of the recording: the most in each. */
    overTime: series(a.overTime, profile.duration, POINTS),
    sites: a.sites.map(({ node: _, function: name, ...site }) => ({ name, ...site })),
  };
}

function allocationTable(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const a = profile.topics.get(memoryStats);
  const sites = a.sites.filter((s) => match?.(s.function) ?? true);
  const lifetime = summary(a.lifetime);
  const from =
    a.from === 'events'
      ? "the whole kernel's"
      : "by the driver's calls; for the whole kernel record with --events +kmem";
  return {
    title: 'Allocations',
    columns: [
      { head: 'function', left: true },
      { head: 'count' },
      { head: 'freed' },
      { head: 'bytes' },
      { head: 'live' },
      { head: 'live bytes' },
      { head: 'most live' },
    ],
    rows: sites
      .slice(0, top)
      .map((s) => [
        s.function,
        count(s.allocations),
        count(s.frees),
        bytes(s.bytes),
        count(s.live),
        bytes(s.liveBytes),
        bytes(s.maxLiveBytes),
      ]),
    notes:
      a.allocations === 0
        ? []
        : [
            from,
            `${count(a.allocations)} allocations of ${bytes(a.bytes)}; live at the end ${count(a.live)} of ${bytes(a.liveBytes)}, at most ${bytes(a.maxLiveBytes)}; lifetime p50 ${duration(lifetime.p50)}, p99 ${duration(lifetime.p99)}`,
            `live bytes over time |${spark(series(a.overTime, profile.duration, 48))}|`,
            ...(sites.length > top ? [`${sites.length - top} more`] : []),
          ],
  };
}

export const memoryTable: TopicTable = {
  name: 'allocations',
  data: allocationData,
  tables: (profile, top, { match }) => [allocationTable(profile, top, match)],
};
