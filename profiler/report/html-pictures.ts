// SPDX-License-Identifier: MIT
// Which pictures the HTML report has: the ways of interrupts, NAPI, DMA and memory over time, the registers' heat map.

import type { Profile } from '../model/index.js';
import { bytes, count, duration } from './format.js';
import { series } from './over-time.js';
import { heatMap, histogram, overTime } from './pictures.js';
import { STATIONS } from './timing.js';

const POINTS = 200;
const REGISTERS = 40;
const PATHS = 3;
const COLOR = {
  irq: '#c0392b',
  softirq: '#b8459a',
  napi: '#2b7a78',
  dma: '#2a6fb0',
  memory: '#7a5bb0',
  lock: '#b07a2a',
};

function section(title: string, pictures: readonly string[]): string {
  const drawn = pictures.filter((p) => p !== '');
  return drawn.length === 0 ? '' : `<h2>${title}</h2>\n<div class="row">${drawn.join('')}</div>\n`;
}

function interruptPictures(profile: Profile): string[] {
  const out: string[] = [];
  for (const p of profile.domain.paths.slice(0, PATHS)) {
    for (const [key, text] of STATIONS) {
      const h = p[key];
      const caption = `irq ${p.irq} ${p.name}: ${text}, p50 ${duration(h.percentile(0.5))}, p99 ${duration(h.percentile(0.99))}`;
      if (h.count > 0) out.push(histogram(caption, h.octaves(), duration, COLOR.irq));
    }
  }
  for (const s of profile.domain.softirqs) {
    if (s.duration.count > 1) {
      const caption = `softirq ${s.name}: time of a run, p50 ${duration(s.duration.percentile(0.5))}, p99 ${duration(s.duration.percentile(0.99))}`;
      out.push(histogram(caption, s.duration.octaves(), duration, COLOR.softirq));
    }
  }
  return out;
}

function napiPictures(profile: Profile): string[] {
  return profile.domain.napi.map((one) =>
    histogram(
      `${one.name}: packets a poll (budget ${one.budget}; ${count(one.polls)} polls, ${count(one.budgetExhausted)} full, ${count(one.empty)} empty)`,
      one.workHistogram.octaves(),
      (v) => String(v),
      COLOR.napi,
    ),
  );
}

function memoryPictures(profile: Profile): string[] {
  const { dma, allocations } = profile.domain;
  const end = duration(profile.duration);
  const values = (c: Parameters<typeof series>[0]): number[] => series(c, profile.duration, POINTS);
  return [
    overTime('DMA mappings alive', values(dma.overTime.mappings), end, (v) => count(v), COLOR.dma),
    overTime('bytes mapped for DMA', values(dma.overTime.bytes), end, (v) => bytes(Math.round(v)), COLOR.dma),
    histogram('lifetime of a DMA mapping', dma.lifetime.octaves(), duration, COLOR.dma),
    overTime(
      allocations.from === 'events' ? 'memory of the kernel, live bytes' : "memory of the driver's calls, live bytes",
      values(allocations.overTime),
      end,
      (v) => bytes(Math.round(v)),
      COLOR.memory,
    ),
    histogram('lifetime of an allocation', allocations.lifetime.octaves(), duration, COLOR.memory),
  ];
}

function registerPicture(profile: Profile): string {
  const rows = [...profile.domain.mmio]
    .filter((m) => !m.region.endsWith('config'))
    .sort((a, b) => b.reads + b.writes - a.reads - a.writes)
    .slice(0, REGISTERS);
  return heatMap(
    `Accesses to the ${rows.length} busiest registers over time`,
    rows.map((m) => ({
      name: m.name ?? `${m.region} 0x${m.offset.toString(16)}`,
      note: `${count(m.reads)} r, ${count(m.writes)} w`,
      values: m.overTime,
    })),
    duration(profile.duration),
  );
}

function lockPictures(profile: Profile): string[] {
  return profile.domain.locks
    .filter((l) => l.holdTime.count > 1)
    .slice(0, 2)
    .map((l) => histogram(`lock taken by ${l.function}: held`, l.holdTime.octaves(), duration, COLOR.lock));
}

export function picturesHtml(profile: Profile): string {
  return [
    section('From interrupt to poll', interruptPictures(profile)),
    section('NAPI', napiPictures(profile)),
    section('Memory', memoryPictures(profile)),
    section('Device registers', [registerPicture(profile)]),
    section('Locks', lockPictures(profile)),
  ].join('');
}
