// SPDX-License-Identifier: MIT
// What each virt_to_phys costs, by caller and by the number of DMA mappings alive: the paper's hot spot grew with them.

import { Histogram } from '../../model/index.js';
import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import type { VirtToPhysStats } from './stats.js';

export class VirtToPhysCollector implements Collector<VirtToPhysStats> {
  private readonly stats: VirtToPhysStats = {
    calls: 0,
    total: 0,
    cost: new Histogram(),
    byLive: [],
    callers: new Map(),
  };

  constructor(context: TopicContext, liveMappings: () => number) {
    const nsPerTick = context.trace.nsPerTick;
    context.on('virt_to_phys', (arg) => {
      const [cost, caller] = [arg('cost'), arg('caller')];
      return (s, t, b, i) => {
        // The caller itself is mostly the DMA layer: who asked it is worth more.
        const here = context.innermost(s)?.kind;
        const name = context.driverFunction(s, here === 'thread' ? caller(b, i) : 0);
        this.call(name, s, t, Math.round(cost(b, i) * nsPerTick), liveMappings(), caller(b, i) - 1);
      };
    });
  }

  private call(name: string, s: ThreadView, t: number, cost: number, live: number, code: number): void {
    const { stats } = this;
    stats.calls++;
    stats.total += cost;
    stats.cost.add(cost);
    const k = live < 2 ? 0 : 31 - Math.clz32(live);
    while (stats.byLive.length <= k) stats.byLive.push(new Histogram());
    stats.byLive[k]?.add(cost);
    const caller = stats.callers.get(name);
    if (caller === undefined) {
      stats.callers.set(name, { calls: 1, total: cost, worst: cost, at: t, thread: s.index, node: s.here, code });
      return;
    }
    caller.calls++;
    caller.total += cost;
    if (cost > caller.worst) Object.assign(caller, { worst: cost, at: t, thread: s.index, node: s.here, code });
  }

  finish(): VirtToPhysStats {
    return this.stats;
  }
}
