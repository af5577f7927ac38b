// SPDX-License-Identifier: MIT
// What each virt_to_phys costs, by caller and by the number of DMA mappings alive: the paper's hot spot grew with them.

import { Histogram, type VirtToPhysStats } from '../model/index.js';
import type { AggregateContext } from './context.js';

export class VirtToPhysAggregate {
  readonly stats: VirtToPhysStats = {
    calls: 0,
    total: 0,
    cost: new Histogram(),
    byLive: [],
    callers: new Map(),
  };

  constructor(context: AggregateContext, liveMappings: () => number) {
    const nsPerTick = context.trace.nsPerTick;
    context.on('virt_to_phys', (arg) => {
      const [cost, caller] = [arg('cost'), arg('caller')];
      return (s, _t, b, i) =>
        this.call(context.driverFunction(s, caller(b, i)), s.here, Math.round(cost(b, i) * nsPerTick), liveMappings());
    });
  }

  private call(name: string, node: number, cost: number, live: number): void {
    const { stats } = this;
    stats.calls++;
    stats.total += cost;
    stats.cost.add(cost);
    const k = live < 2 ? 0 : 31 - Math.clz32(live);
    while (stats.byLive.length <= k) stats.byLive.push({ calls: 0, total: 0 });
    const bin = stats.byLive[k];
    if (bin !== undefined) {
      bin.calls++;
      bin.total += cost;
    }
    const caller = stats.callers.get(name);
    if (caller === undefined) stats.callers.set(name, { calls: 1, total: cost, node });
    else {
      caller.calls++;
      caller.total += cost;
    }
  }
}
