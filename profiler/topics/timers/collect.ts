// SPDX-License-Identifier: MIT
// Timers by their function: armed, moved, cancelled, expired; how long from arming to the function, and how long that ran.
//
// The kernel's cancel event comes with every removal of a timer from the wheel: also right before it expires, and when a
// pending timer is armed anew. What follows tells which it was.

import { Histogram } from '../../model/index.js';
import type { Collector, TopicContext } from '../../read/index.js';
import type { TimerStats } from './stats.js';

/** A timer that is armed this soon after it was taken off was moved (mod_timer), not cancelled. */
const MOVED = 10e3;
const FOLLOWED = 1 << 16;

interface Armed {
  readonly stats: TimerStats;
  readonly at: number;
  removedAt: number;
  startedAt: number;
}

export class TimerCollector implements Collector<TimerStats[]> {
  private readonly byFunction = new Map<string, TimerStats>();
  private readonly armed = new Map<string, Armed>();
  private readonly context: TopicContext;

  constructor(context: TopicContext) {
    this.context = context;
    this.read('timer', 'timer');
    this.read('hrtimer', 'hrtimer');
  }

  private stats(kind: TimerStats['kind'], address: number): TimerStats {
    const name = this.context.symbols.name(address);
    const key = `${kind} ${name}`;
    let stats = this.byFunction.get(key);
    if (stats === undefined) {
      stats = {
        name,
        kind,
        started: 0,
        moved: 0,
        cancelled: 0,
        expired: 0,
        pending: 0,
        total: 0,
        delay: new Histogram(),
        duration: new Histogram(),
      };
      this.byFunction.set(key, stats);
    }
    return stats;
  }

  private read(kind: TimerStats['kind'], prefix: string): void {
    const { context } = this;
    context.on(`${prefix}_start`, (arg) => {
      const [object, fn] = [arg(prefix), arg('function')];
      return (_s, t, b, i) => this.start(`${kind}${object(b, i)}`, t, this.stats(kind, fn(b, i)));
    });
    context.on(`${prefix}_cancel`, (arg) => {
      const object = arg(prefix);
      return (_s, t, b, i) => {
        const one = this.armed.get(`${kind}${object(b, i)}`);
        if (one !== undefined) one.removedAt = t;
      };
    });
    context.on(`${prefix}_expire_entry`, (arg) => {
      const [object, fn] = [arg(prefix), arg('function')];
      return (_s, t, b, i) => this.expire(`${kind}${object(b, i)}`, t, this.stats(kind, fn(b, i)));
    });
    context.on(`${prefix}_expire_exit`, (arg) => {
      const object = arg(prefix);
      return (_s, t, b, i) => this.done(`run ${kind}${object(b, i)}`, t);
    });
  }

  private start(key: string, t: number, stats: TimerStats): void {
    const before = this.armed.get(key);
    stats.started++;
    if (before !== undefined) {
      if (before.removedAt < 0 || t - before.removedAt < MOVED) before.stats.moved++;
      else before.stats.cancelled++;
    }
    if (before === undefined && this.armed.size >= FOLLOWED) return;
    this.armed.set(key, { stats, at: t, removedAt: -1, startedAt: -1 });
  }

  private expire(key: string, t: number, stats: TimerStats): void {
    const one = this.armed.get(key);
    stats.expired++;
    if (one !== undefined) stats.delay.add(t - one.at);
    this.armed.delete(key);
    this.armed.set(`run ${key}`, { stats, at: t, removedAt: -1, startedAt: t });
  }

  private done(key: string, t: number): void {
    const one = this.armed.get(key);
    if (one === undefined) return;
    this.armed.delete(key);
    one.stats.total += t - one.startedAt;
    one.stats.duration.add(t - one.startedAt);
  }

  finish(): TimerStats[] {
    for (const one of this.armed.values()) {
      if (one.startedAt >= 0) continue;
      if (one.removedAt >= 0) one.stats.cancelled++;
      else one.stats.pending++;
    }
    return [...this.byFunction.values()].sort((a, b) => b.total - a.total || b.started - a.started);
  }
}
