// SPDX-License-Identifier: MIT
// Allocations by call site, and locks that can sleep.

import type { Profile } from '../model/index.js';
import { spread } from './domains.js';
import { bytes, count, duration } from './format.js';
import { series, spark } from './over-time.js';
import type { Table } from './table.js';

const POINTS = 200;

export function allocationData(profile: Profile) {
  const a = profile.domain.allocations;
  return {
    from: a.from,
    allocations: a.allocations,
    frees: a.frees,
    bytes: a.bytes,
    live: a.live,
    liveBytes: a.liveBytes,
    maxLiveBytes: a.maxLiveBytes,
    notFollowed: a.missed,
    lifetime: spread(a.lifetime),
    /** Live bytes in equal stretches of the recording: the most in each. */
    overTime: series(a.overTime, profile.duration, POINTS),
    sites: a.sites.map(({ node: _, function: name, ...site }) => ({ name, ...site })),
  };
}

export function allocationTable(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const a = profile.domain.allocations;
  const sites = a.sites.filter((s) => match?.(s.function) ?? true);
  const lifetime = spread(a.lifetime);
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

export function lockData(profile: Profile) {
  return profile.domain.locks.map((l) => ({
    name: l.function,
    address: l.address,
    taken: l.taken,
    refused: l.refused,
    contended: l.contended,
    contention: spread(l.contention),
    wait: spread(l.waitTime),
    hold: { total: l.holdTime.sum, ...spread(l.holdTime) },
  }));
}

export function lockTable(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = lockData(profile).filter((l) => match?.(l.name) ?? true);
  return {
    title: 'Locks',
    columns: [
      { head: 'taken by', left: true },
      { head: 'lock', left: true },
      { head: 'taken' },
      { head: 'refused' },
      { head: 'contended' },
      { head: 'wait p50' },
      { head: 'max' },
      { head: 'held' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'max' },
    ],
    rows: all
      .slice(0, top)
      .map((l) => [
        l.name,
        l.address === 0 ? 'rtnl' : `0x${l.address.toString(16)}`,
        count(l.taken),
        count(l.refused),
        count(l.contended),
        duration(l.wait.p50),
        duration(l.wait.max),
        duration(l.hold.total),
        duration(l.hold.p50),
        duration(l.hold.p99),
        duration(l.hold.max),
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}
