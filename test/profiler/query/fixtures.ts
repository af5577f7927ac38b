// SPDX-License-Identifier: MIT
// An engine over a trace in memory.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attach, defineViews, Engine, makeSet } from '../../../profiler/query/index.js';
import type { TraceFilter } from '../../../profiler/read/index.js';
import type { Trace } from '../../../tracer/decode/types.js';
import { randomGenerator } from '../fixtures/fuzz.js';
import { SyntheticTrace } from '../fixtures/synthetic-trace.js';

let sets = 0;

export async function engineFor(dir: string, trace: Trace, filter?: TraceFilter): Promise<Engine> {
  const set = join(dir, `set-${sets++}`);
  mkdirSync(set);
  await makeSet(trace, { dir: set, level: 1 }, filter === undefined ? {} : { filter });
  const engine = await Engine.open({ read: [set], temporary: dir });
  const all = [{ recording: 'test', dir: set }];
  await attach(engine, all);
  await defineViews(engine, all);
  await engine.lock();
  return engine;
}

/** Numbers as numbers. */
export async function rowsOf(engine: Engine, sql: string): Promise<Record<string, unknown>[]> {
  const rows = await engine.query(sql);
  const all: Record<string, unknown>[] = [];
  for (let some = await rows.next(); some !== undefined; some = await rows.next()) {
    for (const row of some) {
      all.push(
        Object.fromEntries(rows.names.map((name, i) => [name, typeof row[i] === 'bigint' ? Number(row[i]) : row[i]])),
      );
    }
  }
  return all;
}

const DIRECTIONS = [0, 1, 2];

/** Calls, interrupts, softirqs, mappings, allocations, registers in any order, with losses, on several threads. */
export function randomTrace(seed: number, steps = 1500): SyntheticTrace {
  const random = randomGenerator(seed);
  const s = new SyntheticTrace();
  const threads = [s.thread('swapper', 'boot'), s.thread('ksoftirqd/0', 'softirq'), s.thread('workload', 'workload')];
  const sites = Array.from({ length: 8 }, (_, i) => s.site(`f${i}`, i % 2 === 0 ? 'driver' : 'api', `f${i}.c`));
  const handler = s.site('handler', 'driver');
  let depth = 0;
  let mapping = 1;
  const live: { id: number; dma: number; size: number; dir: number }[] = [];
  s.use(threads[0] as number);
  for (let i = 0; i < steps; i++) {
    s.now += random(900) === 0 ? 30_000_000 : random(700);
    switch (random(18)) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (depth < 20) {
          s.enter(sites[random(sites.length)] as number, random(99), random(3) === 0 ? [random(9), random(9)] : []);
          depth++;
        }
        break;
      case 4:
      case 5:
      case 6:
        s.leave(random(50));
        depth = Math.max(0, depth - 1);
        break;
      case 7:
        s.switchTo(threads[random(threads.length)] as number, random(2));
        depth = 0;
        break;
      case 8:
        s.event('irq_signal', { irq: 24 + random(2) });
        break;
      case 9:
        s.event(random(5) === 0 ? 'irq_handler_exit' : 'irq_handler_entry', {
          irq: 24 + random(2),
          handler: s.address('handler'),
          ret: random(2),
        });
        break;
      case 10:
        s.event('irq_handler_exit', { irq: 24 + random(2), ret: random(2) });
        break;
      case 11:
        s.event('softirq_raise', { vec: random(4) });
        break;
      case 12:
        s.event(random(2) === 0 ? 'softirq_entry' : 'softirq_exit', { vec: random(4) });
        break;
      case 13: {
        const one = {
          id: mapping++,
          dma: 0x1000 * random(40),
          size: 64 + random(1500),
          dir: DIRECTIONS[random(3)] as number,
        };
        live.push(one);
        if (random(6) === 0) s.event('dma_alloc', { ...one, cpu: 4096, caller: handler });
        else s.event('dma_map', { ...one, cpu: 4096, kind: 1, caller: s.address('handler') + 8, dev: 1 });
        break;
      }
      case 14: {
        const one = live[random(Math.max(1, live.length))];
        if (one === undefined) break;
        if (random(4) !== 0) live.splice(live.indexOf(one), 1);
        s.event('dma_unmap', {
          ...one,
          id: random(9) === 0 ? 0 : one.id,
          kind: 1,
          copied: random(3),
          caller: 7,
          dev: 1,
        });
        break;
      }
      case 15:
        s.event(random(3) === 0 ? 'kfree' : 'kmalloc', { ptr: 4096 * random(12), bytes_req: 30, bytes_alloc: 32 });
        break;
      case 16:
        s.event(random(2) === 0 ? 'mmio_read' : 'mmio_write', {
          offset: 4 * random(6),
          value: random(99),
          width: 4,
          bdf: 32,
        });
        break;
      default:
        if (random(25) === 0) {
          s.lose(1 + random(9));
          depth = 0;
        }
    }
  }
  return s;
}
