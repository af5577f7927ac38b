// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { bytes, count, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { type Packet, packetStats } from './stats.js';

interface Traffic {
  name: string;
  direction: Packet['direction'];
  packets: number;
  bytes: number;
  smallest: number;
  largest: number;
  /** Longer than the wire takes: the card cuts it, or the driver has joined it. */
  segmented: number;
  checksums: number;
  refused: number;
}

function packetData(profile: Profile): Traffic[] {
  const sums = new Map<string, Traffic>();
  for (const p of profile.topics.get(packetStats).list) {
    const key = `${p.device} ${p.direction}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = {
        name: p.device,
        direction: p.direction,
        packets: 0,
        bytes: 0,
        smallest: Number.MAX_SAFE_INTEGER,
        largest: 0,
        segmented: 0,
        checksums: 0,
        refused: 0,
      };
      sums.set(key, sum);
    }
    if (p.refused) {
      sum.refused++;
      continue;
    }
    sum.packets++;
    sum.bytes += p.length;
    sum.smallest = Math.min(sum.smallest, p.length);
    sum.largest = Math.max(sum.largest, p.length);
    if (p.segment > 0) sum.segmented++;
    if (p.checksum !== undefined) sum.checksums++;
  }
  return [...sums.values()].sort((a, b) => b.bytes - a.bytes);
}

function tableOf(profile: Profile, match?: (name: string) => boolean): Table {
  const rows = packetData(profile).filter((p) => match?.(p.name) ?? true);
  const { dropped } = profile.topics.get(packetStats);
  return {
    title: 'Packets',
    columns: [
      { head: 'device', left: true },
      { head: 'direction', left: true },
      { head: 'packets' },
      { head: 'bytes' },
      { head: 'smallest' },
      { head: 'largest' },
      { head: 'segmented' },
      { head: 'checksum offloaded' },
      { head: 'rejected' },
    ],
    rows: rows.map((p) => [
      p.name,
      p.direction,
      count(p.packets),
      bytes(p.bytes),
      p.packets === 0 ? '-' : String(p.smallest),
      String(p.largest),
      count(p.segmented),
      count(p.checksums),
      count(p.refused),
    ]),
    notes: [
      ...(rows.length === 0 ? ['packets are recorded with --packets'] : []),
      ...(dropped === 0 ? [] : [`${count(dropped)} more, not kept: memory limit reached`]),
    ],
  };
}

export const packetTable: TopicTable = {
  name: 'packets',
  showsAll: true,
  data: packetData,
  tables: (profile, _, { match }) => [tableOf(profile, match)],
};
