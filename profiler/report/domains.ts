// SPDX-License-Identifier: MIT
// What is particular to drivers: interrupts, softirqs, NAPI, DMA, virt_to_phys, registers.

import { DMA_DIRECTIONS, type Histogram, type Profile } from '../model/index.js';
import { bytes, count, duration } from './format.js';
import { series, spark } from './over-time.js';
import type { Table } from './table.js';

const POINTS = 200;

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

function matching<T extends { name: string }>(rows: T[], match?: (name: string) => boolean): T[] {
  return match === undefined ? rows : rows.filter((row) => match(row.name));
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
    latencyHistogram: i.latency.octaves(),
    maxPerMs: i.maxPerMs,
    masked: i.masked,
  }));
}

export function irqTable(profile: Profile, match?: (name: string) => boolean): Table {
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
    rows: matching(irqData(profile), match).map((i) => [
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
    latencyHistogram: s.latency.octaves(),
    pending: s.pending,
  }));
}

export function softirqTable(profile: Profile, match?: (name: string) => boolean): Table {
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
    rows: matching(softirqData(profile), match).map((s) => [
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

export function napiTable(profile: Profile, match?: (name: string) => boolean): Table {
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
    rows: matching(napiData(profile), match).map((n) => [
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
    copied: dma.copied,
    faults: dma.faultCount,
    sites: dma.sites.map(({ node: _, ...site }) => site),
    liveAtEnd: dma.live.length,
    /** In equal stretches of the recording: the most in each. */
    overTime: {
      mappings: series(dma.overTime.mappings, profile.duration, POINTS),
      bytes: series(dma.overTime.bytes, profile.duration, POINTS),
    },
  };
}

export function dmaTables(profile: Profile, top: number, match?: (name: string) => boolean): Table[] {
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

export function virtToPhysTables(profile: Profile, top: number, match?: (name: string) => boolean): Table[] {
  const data = virtToPhysData(profile);
  const tables: Table[] = [
    {
      title: 'virt_to_phys by caller',
      columns: [{ head: 'caller', left: true }, { head: 'calls' }, { head: 'total' }, { head: 'mean' }],
      rows: matching(data.callers, match)
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
