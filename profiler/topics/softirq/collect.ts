// SPDX-License-Identifier: MIT
// Softirqs: raised, run, how long it took from one to the other.

import { Histogram } from '../../model/index.js';
import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import type { SoftirqStats } from './stats.js';

interface State extends SoftirqStats {
  raisedAt: number;
  raisedOn: number;
  startedAt: number;
}

export const NET_RX = 3;

export class SoftirqCollector implements Collector<SoftirqStats[]> {
  private readonly vectors: (State | undefined)[] = [];
  private readonly onExit: ((vector: number, s: ThreadView, t: number) => void)[] = [];
  private readonly context: TopicContext;

  constructor(context: TopicContext) {
    this.context = context;
    context.on('softirq_raise', (arg) => {
      const vec = arg('vec');
      return (s, t, b, i) => this.raise(s, t, this.state(vec(b, i)));
    });
    context.on('softirq_entry', (arg) => {
      const vec = arg('vec');
      return (s, t, b, i) => this.entry(s, t, this.state(vec(b, i)));
    });
    context.on('softirq_exit', (arg) => {
      const vec = arg('vec');
      return (s, t, b, i) => this.exit(s, t, vec(b, i));
    });
  }

  /** Called when a softirq has returned. */
  whenDone(then: (vector: number, s: ThreadView, t: number) => void): void {
    this.onExit.push(then);
  }

  isPending(vector: number): boolean {
    return this.vectors[vector]?.pending ?? false;
  }

  private state(vector: number): State {
    const known = this.vectors[vector];
    if (known !== undefined) return known;
    const name = this.context.trace.enums['softirq']?.[vector] ?? `vector ${vector}`;
    const state: State = {
      name,
      raised: 0,
      runs: 0,
      total: 0,
      duration: new Histogram(),
      latency: new Histogram(),
      pending: false,
      raisedAt: 0,
      raisedOn: 0,
      startedAt: -1,
    };
    if (vector < 64) this.vectors[vector] = state;
    return state;
  }

  private raise(s: ThreadView, t: number, v: State): void {
    v.raised++;
    if (v.pending) return;
    v.pending = true;
    v.raisedAt = t;
    v.raisedOn = s.index;
  }

  private entry(s: ThreadView, t: number, v: State): void {
    v.runs++;
    v.startedAt = t;
    if (!v.pending) return;
    v.latency.add(t - v.raisedAt);
    this.context.flow('raise to softirq', v.raisedAt, v.raisedOn, t, s.index);
    v.pending = false;
  }

  private exit(s: ThreadView, t: number, vector: number): void {
    const v = this.state(vector);
    for (const then of this.onExit) then(vector, s, t);
    if (v.startedAt < 0) return;
    v.total += t - v.startedAt;
    v.duration.add(t - v.startedAt);
    v.startedAt = -1;
  }

  finish(): SoftirqStats[] {
    return this.vectors
      .filter((v) => v !== undefined)
      .map(({ name, raised, runs, total, duration, latency, pending }) => ({
        name,
        raised,
        runs,
        total,
        duration,
        latency,
        pending,
      }));
  }
}
