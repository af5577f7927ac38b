// SPDX-License-Identifier: MIT
import { Histogram } from '../../model/index.js';
import { type Collector, ProgramNames, type TopicContext } from '../../read/index.js';
import type { SystemCallStats } from './stats.js';

export class SystemCallCollector implements Collector<SystemCallStats[]> {
  private readonly byName = new Map<string, SystemCallStats>();

  constructor(context: TopicContext) {
    const names = new ProgramNames(context);
    /** By thread: when its call began. */
    const begun = new Map<number, number>();
    context.on('syscall_entry', () => (s, t) => void begun.set(s.index, t));
    context.on('syscall_exit', (arg) => {
      const [call, error] = [arg('call'), arg('error')];
      return (s, t, b, i) => {
        const from = begun.get(s.index);
        if (from === undefined) return; // it began before the recording
        begun.delete(s.index);
        this.ended(this.stats(names.of(call(b, i))), t - from, error(b, i));
      };
    });
  }

  private stats(name: string): SystemCallStats {
    let stats = this.byName.get(name);
    if (stats === undefined) {
      stats = { name, calls: 0, errors: new Map(), total: 0, duration: new Histogram() };
      this.byName.set(name, stats);
    }
    return stats;
  }

  private ended(stats: SystemCallStats, took: number, error: number): void {
    stats.calls++;
    stats.total += took;
    stats.duration.add(took);
    if (error !== 0) stats.errors.set(error, (stats.errors.get(error) ?? 0) + 1);
  }

  finish(): SystemCallStats[] {
    return [...this.byName.values()].sort((a, b) => b.total - a.total);
  }
}
