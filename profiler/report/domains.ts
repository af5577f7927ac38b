// SPDX-License-Identifier: MIT
// What is particular to drivers: interrupts, softirqs, NAPI, DMA, virt_to_phys, registers.

import { DMA_DIRECTIONS, type Histogram, type Profile } from '../model/index.js';
import { bytes, count, duration } from './format.js';
import type { Table } from './table.js';

export interface Spread {
  count: number;
  mean: number;
  p50: number;
  p99: number;
  max: number;
}

export function spread(h: Histogram): Spread {
  return { count: h.count, mean: h.mean, p50: h.percentile(0.5), p99: h.percentile(0.99), max: h.max };
}

export function irqData(profile: Profile) {
  return profile.domain.irqs.map((i) => ({
    irq: i.irq,
    name: i.name,
    count: i.count,
    handled: i.handled,
    unhandled: i.unhandled,
    total: i.total,
    duration: spread(i.duration),
    latency: spread(i.latency),
    maxPerMs: i.maxPerMs,
    masked: i.masked,
  }));
}

export function irqTable(profile: Profile): Table {
  return {
    title: 'Interrupts',
    columns: [
      { head: 'irq' },
      { head: 'handler', left: true },
      { head: 'count' },
      { head: 'total' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'wait p50' },
      { head: 'p99' },
      { head: 'max/ms' },
      { head: 'unclaimed' },
    ],
    rows: irqData(profile).map((i) => [
      String(i.irq),
      i.name,
      count(i.count),
      duration(i.total),
      duration(i.duration.p50),
      duration(i.duration.p99),
      i.latency.count > 0 ? duration(i.latency.p50) : '-',
      i.latency.count > 0 ? duration(i.latency.p99) : '-',
      count(i.maxPerMs),
      count(i.unhandled),
    ]),
    notes: profile.domain.irqs.length > 0 ? ['wait: from the signal on the host to the handler'] : [],
  };
}

export function softirqData(profile: Profile) {
  return profile.domain.softirqs.map((s) => ({
    name: s.name,
    raised: s.raised,
    runs: s.runs,
    total: s.total,
    duration: spread(s.duration),
    latency: spread(s.latency),
    pending: s.pending,
  }));
}

export function softirqTable(profile: Profile): Table {
  return {
    title: 'Softirqs',
    columns: [
      { head: 'softirq', left: true },
      { head: 'raised' },
      { head: 'runs' },
      { head: 'total' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'max' },
      { head: 'wait p50' },
      { head: 'p99' },
    ],
    rows: softirqData(profile).map((s) => [
      s.name,
      count(s.raised),
      count(s.runs),
      duration(s.total),
      duration(s.duration.p50),
      duration(s.duration.p99),
      duration(s.duration.max),
      s.latency.count > 0 ? duration(s.latency.p50) : '-',
      s.latency.count > 0 ? duration(s.latency.p99) : '-',
    ]),
    notes: [
      ...(profile.domain.softirqs.length > 0 ? ['wait: from raise to run'] : []),
      ...softirqData(profile)
        .filter((s) => s.pending)
        .map((s) => `${s.name} was raised and had not run at the end`),
    ],
  };
}

export function napiData(profile: Profile) {
  return profile.domain.napi.map((n) => ({
    name: n.name,
    device: n.device,
    budget: n.budget,
    scheduled: n.scheduled,
    polls: n.polls,
    work: n.work,
    completed: n.completed,
    budgetExhausted: n.budgetExhausted,
    empty: n.empty,
    workPerPoll: spread(n.workHistogram),
    workHistogram: n.workHistogram.octaves(),
  }));
}

export function napiTable(profile: Profile): Table {
  return {
    title: 'NAPI',
    columns: [
      { head: 'poll function', left: true },
      { head: 'device', left: true },
      { head: 'scheduled' },
      { head: 'polls' },
      { head: 'packets' },
      { head: 'p50' },
      { head: 'max' },
      { head: 'completed' },
      { head: 'full' },
      { head: 'empty' },
    ],
    rows: napiData(profile).map((n) => [
      n.name,
      n.device,
      count(n.scheduled),
      count(n.polls),
      count(n.work),
      String(n.workPerPoll.p50),
      String(n.workPerPoll.max),
      count(n.completed),
      count(n.budgetExhausted),
      count(n.empty),
    ]),
    notes:
      profile.domain.napi.length === 0 ? [] : ['p50 and max: packets a poll; full: polls that used up their budget'],
  };
}

export function dmaData(profile: Profile) {
  const { dma } = profile.domain;
  return {
    directions: { ...dma.directions, coherent: dma.coherent },
    lifetime: spread(dma.lifetime),
    syncs: dma.syncs,
    faults: dma.faultCount,
    sites: dma.sites.map(({ node: _, ...site }) => site),
    liveAtEnd: dma.live.length,
  };
}

export function dmaTables(profile: Profile, top: number): Table[] {
  const { dma } = profile.domain;
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
    .slice(0, top)
    .map((s) => [
      s.function,
      s.coherent ? 'coherent' : s.direction,
      count(s.maps),
      count(s.unmaps),
      bytes(s.bytes),
      count(s.live),
      bytes(s.liveBytes),
    ]);
  const lifetime = spread(dma.lifetime);
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
              `lifetime p50 ${duration(lifetime.p50)}, p99 ${duration(lifetime.p99)}; ${count(dma.syncs)} syncs; ${count(dma.faultCount)} faults`,
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
      ],
      rows: sites,
    },
  ];
}

export function virtToPhysData(profile: Profile) {
  const v = profile.domain.virtToPhys;
  return {
    calls: v.calls,
    total: v.total,
    cost: spread(v.cost),
    byLiveMappings: v.byLive.map((b, k) => ({ from: k === 0 ? 0 : 2 ** k, ...b })).filter((b) => b.calls > 0),
    callers: [...v.callers]
      .map(([name, { calls, total }]) => ({ name, calls, total }))
      .sort((a, b) => b.total - a.total || b.calls - a.calls),
  };
}

export function virtToPhysTables(profile: Profile, top: number): Table[] {
  const data = virtToPhysData(profile);
  const tables: Table[] = [
    {
      title: 'virt_to_phys by caller',
      columns: [{ head: 'caller', left: true }, { head: 'calls' }, { head: 'total' }, { head: 'mean' }],
      rows: data.callers
        .slice(0, top)
        .map((c) => [c.name, count(c.calls), duration(c.total), duration(c.total / Math.max(1, c.calls))]),
      notes:
        data.calls === 0
          ? []
          : [
              `${count(data.calls)} calls, ${duration(data.total)}; p50 ${duration(data.cost.p50)}, p99 ${duration(data.cost.p99)}, max ${duration(data.cost.max)}`,
            ],
    },
    {
      title: 'virt_to_phys by live DMA mappings',
      columns: [{ head: 'mappings from', left: true }, { head: 'calls' }, { head: 'mean' }],
      rows: data.byLiveMappings.map((b) => [count(b.from), count(b.calls), duration(b.total / b.calls)]),
    },
  ];
  // A constant offset costs nothing that could be measured.
  return data.total === 0 ? tables.slice(0, 1) : tables;
}

export function mmioData(profile: Profile) {
  return [...profile.domain.mmio].sort((a, b) => b.reads + b.writes - a.reads - a.writes);
}

export function mmioTable(profile: Profile, top: number): Table {
  const all = mmioData(profile);
  return {
    title: 'Device registers',
    columns: [
      { head: 'region', left: true },
      { head: 'offset' },
      { head: 'reads' },
      { head: 'writes' },
      { head: 'last value' },
    ],
    rows: all
      .slice(0, top)
      .map((m) => [
        m.region,
        `0x${m.offset.toString(16)}`,
        count(m.reads),
        count(m.writes),
        `0x${m.lastValue.toString(16)}`,
      ]),
    notes: all.length > top ? [`${all.length - top} more`] : [],
  };
}
