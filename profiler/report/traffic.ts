// SPDX-License-Identifier: MIT
// What goes over the device's registers, and packets.

import type { Packet, Profile } from '../model/index.js';
import { bytes, count } from './format.js';
import { coarser, spark } from './over-time.js';
import type { Table } from './table.js';

export function mmioData(profile: Profile) {
  return [...profile.domain.mmio]
    .sort((a, b) => b.reads + b.writes - a.reads - a.writes)
    .map(({ name, overTime, ...m }) => ({ name: name ?? '', ...m, overTime: [...overTime] }));
}

export function mmioTable(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = mmioData(profile).filter((m) => match?.(m.name) ?? true);
  const named = all.some((m) => m.name !== '');
  return {
    title: 'Device registers',
    columns: [
      { head: 'region', left: true },
      { head: 'offset' },
      ...(named ? [{ head: 'register', left: true }] : []),
      { head: 'reads' },
      { head: 'writes' },
      { head: 'last value' },
      { head: 'over time' },
    ],
    rows: all
      .slice(0, top)
      .map((m) => [
        m.region,
        `0x${m.offset.toString(16)}`,
        ...(named ? [m.name] : []),
        count(m.reads),
        count(m.writes),
        `0x${m.lastValue.toString(16)}`,
        `|${spark(coarser(m.overTime, 16))}|`,
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}

export interface Traffic {
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

export function packetData(profile: Profile): Traffic[] {
  const sums = new Map<string, Traffic>();
  for (const p of profile.domain.packets.list) {
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

export function packetTable(profile: Profile, match?: (name: string) => boolean): Table {
  const rows = packetData(profile).filter((p) => match?.(p.name) ?? true);
  const { dropped } = profile.domain.packets;
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
      { head: 'checksum left' },
      { head: 'not taken' },
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
      ...(dropped === 0 ? [] : [`${count(dropped)} more, beyond the limit of memory`]),
    ],
  };
}
