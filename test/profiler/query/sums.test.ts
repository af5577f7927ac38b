// SPDX-License-Identifier: MIT
// SQL and the report must tell the same sums: of the whole, of random parts, of random recordings.

import t from 'tap';
import { categoryOf, type Profile } from '../../../profiler/model/index.js';
import type { TraceFilter } from '../../../profiler/read/index.js';
import { dmaStats } from '../../../profiler/topics/dma/stats.js';
import { irqStats } from '../../../profiler/topics/irq/stats.js';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { memoryStats } from '../../../profiler/topics/memory/stats.js';
import { registerStats } from '../../../profiler/topics/registers/stats.js';
import { softirqStats } from '../../../profiler/topics/softirq/stats.js';
import type { Trace } from '../../../tracer/decode/types.js';
import { randomGenerator } from '../fixtures/fuzz.js';
import { networkTrace } from '../fixtures/network-driver.js';
import { engineFor, randomTrace, rowsOf } from './fixtures.js';

const DIRECTION: Readonly<Record<string, string>> = {
  BIDIRECTIONAL: 'bidirectional',
  TO_DEVICE: 'to-device',
  FROM_DEVICE: 'from-device',
  NONE: 'none',
};

function functionsOf({ frames, stats }: Profile): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const { id, kind, name } of frames.list) {
    const calls = stats.calls[id] as number;
    if (calls === 0 || ['thread', 'blocked', 'gap'].includes(kind)) continue;
    const key = `${categoryOf(kind)} ${name}`;
    const values = [calls, stats.total[id] as number, stats.self[id] as number, stats.wall[id] as number];
    sums[key] = values.map((v, i) => v + (sums[key]?.[i] ?? 0));
  }
  return sums;
}

/** What both tell, in the same form. */
function reported(profile: Profile): unknown {
  const dma = profile.topics.get(dmaStats);
  const memory = profile.topics.get(memoryStats);
  const directions = Object.entries(dma.directions).filter(([, d]) => d.maps > 0);
  return {
    functions: functionsOf(profile),
    softirqs: Object.fromEntries(
      profile.topics
        .get(softirqStats)
        .filter((v) => v.runs > 0)
        .map((v) => [v.name, [v.runs, v.total, v.latency.count, v.latency.sum]]),
    ),
    irqs: Object.fromEntries(
      profile.topics
        .get(irqStats)
        .filter((l) => l.count > 0)
        .map((l) => [l.irq, [l.count, l.total, l.latency.count, l.latency.sum]]),
    ),
    dma: Object.fromEntries(directions.map(([name, d]) => [name, [d.maps, d.bytes, d.live]])),
    coherent: [dma.coherent.maps, dma.coherent.bytes, dma.coherent.live],
    lifetime: [dma.lifetime.count, dma.lifetime.sum],
    memory: [memory.allocations, memory.bytes, memory.frees, memory.live, memory.lifetime.sum],
    registers: Object.fromEntries(
      profile.topics.get(registerStats).map((r) => [`${r.region} ${r.offset}`, [r.reads, r.writes]]),
    ),
  };
}

async function asked(dir: string, trace: Trace, filter?: TraceFilter): Promise<unknown> {
  const engine = await engineFor(dir, trace, filter);
  const by = async (sql: string): Promise<Record<string, unknown[]>> =>
    Object.fromEntries((await rowsOf(engine, sql)).map(({ k, ...rest }) => [k, Object.values(rest)]));
  try {
    const dma = await by(
      'SELECT dir AS k, count(*), sum(size), count(*) FILTER (dur IS NULL) FROM dma_mapping WHERE NOT coherent GROUP BY ALL',
    );
    return {
      functions: await by(`SELECT category || ' ' || name AS k, calls, total, self, wall FROM function_stats`),
      softirqs: await by(
        'SELECT vec AS k, count(*), coalesce(sum(dur), 0), count(latency), coalesce(sum(latency), 0) FROM softirq GROUP BY ALL',
      ),
      irqs: await by(
        'SELECT irq AS k, count(*), coalesce(sum(dur), 0), count(latency), coalesce(sum(latency), 0) FROM irq GROUP BY ALL',
      ),
      dma: Object.fromEntries(Object.entries(dma).map(([dir, values]) => [DIRECTION[dir], values])),
      coherent: Object.values(
        (
          await rowsOf(
            engine,
            'SELECT count(*), coalesce(sum(size), 0), count(*) FILTER (dur IS NULL) FROM dma_mapping WHERE coherent',
          )
        )[0] ?? {},
      ),
      lifetime: Object.values(
        (await rowsOf(engine, 'SELECT count(dur), coalesce(sum(dur), 0) FROM dma_mapping'))[0] ?? {},
      ),
      memory: Object.values(
        (
          await rowsOf(
            engine,
            `SELECT count(*), coalesce(sum(size), 0), count(dur), count(*) FILTER (dur IS NULL), coalesce(sum(dur), 0) FROM allocation
             WHERE source = CASE WHEN EXISTS (SELECT 1 FROM allocation WHERE source = 'events') THEN 'events' ELSE 'calls' END`,
          )
        )[0] ?? {},
      ),
      registers: await by(
        `SELECT region || ' ' || "offset" AS k, count(*) FILTER (NOT write), count(*) FILTER (write) FROM mmio GROUP BY ALL`,
      ),
    };
  } finally {
    engine.close();
  }
}

t.test('a network driver', async (t) => {
  const trace = networkTrace({ packets: 300 }).trace();
  t.strictSame(await asked(t.testdir(), trace), reported(profileFromTrace(trace)));
});

t.test('random recordings, random parts of them', async (t) => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = randomGenerator(seed * 77);
    const trace = randomTrace(seed).trace();
    const from = random(Math.floor(trace.duration));
    const filters: (TraceFilter | undefined)[] = [
      undefined,
      { from, to: from + random(Math.floor(trace.duration - from)) },
      random(2) === 0 ? { minDuration: random(2000) } : { thread: (name) => name === 'workload' },
    ];
    for (const filter of filters) {
      const profile = profileFromTrace(trace, filter === undefined ? {} : { filter });
      const label = `seed ${seed}, ${JSON.stringify(filter) ?? 'all'}`;
      if (!t.strictSame(await asked(t.testdir(), trace, filter), reported(profile), label)) return;
    }
  }
});
