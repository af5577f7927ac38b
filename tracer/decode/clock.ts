// SPDX-License-Identifier: MIT
// TSC ticks to nanoseconds. The file holds moments at which TSC and CLOCK_MONOTONIC_RAW were read together; the first and the
// last of them give the rate.
import { type EventsRef, ticks } from './chunks.js';
import { halves, type Json } from './metadata.js';

export interface Clock {
  readonly nsPerTick: number;
  /** Wall clock of time 0, ms since 1970. */
  readonly startTime: number;
  /** Ticks since time 0 = the earliest event. */
  ticks(lo: number, hi: number): number;
  ns(lo: number, hi: number): number;
}

interface Moment {
  readonly tscLo: number;
  readonly tscHi: number;
  readonly monoLo: number;
  readonly monoHi: number;
  readonly realtimeMs: number;
}

/** When the file says nothing: 1 tick = 1 ns is wrong on every machine, and visibly so. */
const UNKNOWN_RATE = 1;
/** Between two moments that are closer than this the rate would be a guess. */
const SHORTEST_NS = 1e6;

function fromView(view: DataView): Moment {
  return {
    tscLo: view.getUint32(0, true),
    tscHi: view.getUint32(4, true),
    monoLo: view.getUint32(8, true),
    monoHi: view.getUint32(12, true),
    realtimeMs: Number(view.getBigUint64(16, true) / 1000n) / 1000,
  };
}

function fromControl(control: Json): Moment | undefined {
  const tsc = halves(control['initTsc']);
  const mono = halves(control['initMonoRaw']);
  const real = halves(control['initRealtime']);
  if (!tsc || !mono || !real || (tsc[0] === 0 && tsc[1] === 0)) return undefined;
  return {
    tscLo: tsc[0],
    tscHi: tsc[1],
    monoLo: mono[0],
    monoHi: mono[1],
    realtimeMs: (real[1] * 0x100000000 + real[0]) / 1e6,
  };
}

function rate(from: Moment, to: Moment): number | undefined {
  const dTsc = ticks(to.tscLo, to.tscHi, from.tscLo, from.tscHi);
  const dNs = ticks(to.monoLo, to.monoHi, from.monoLo, from.monoHi);
  const r = dNs / dTsc;
  return dNs >= SHORTEST_NS && dTsc > 0 && r > 1e-3 && r < 1e3 ? r : undefined;
}

export function makeClock(firstEvents: readonly EventsRef[], views: readonly DataView[], control: Json): Clock {
  const moments = views.map(fromView);
  const init = fromControl(control);
  if (init) moments.push(init);
  moments.sort((a, b) => ticks(a.tscLo, a.tscHi, b.tscLo, b.tscHi));
  const first = moments[0];
  const last = moments.at(-1);
  const nsPerTick = (first && last && rate(first, last)) ?? UNKNOWN_RATE;

  let lo0 = first?.tscLo ?? 0;
  let hi0 = first?.tscHi ?? 0;
  firstEvents.forEach((ref, i) => {
    if (i > 0 && ticks(ref.firstTscLo, ref.firstTscHi, lo0, hi0) >= 0) return;
    lo0 = ref.firstTscLo;
    hi0 = ref.firstTscHi;
  });
  const toTicks = (lo: number, hi: number): number => ticks(lo, hi, lo0, hi0);
  return {
    nsPerTick,
    startTime: first ? first.realtimeMs - (toTicks(first.tscLo, first.tscHi) * nsPerTick) / 1e6 : 0,
    ticks: toTicks,
    ns: (lo, hi) => toTicks(lo, hi) * nsPerTick,
  };
}
