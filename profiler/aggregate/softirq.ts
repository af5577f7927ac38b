// SPDX-License-Identifier: MIT
// Softirqs: raised, run, how long it took from one to the other.

import { type FrameId, Histogram, type SoftirqStats, type ThreadState } from '../model/index.js';
import type { AggregateContext } from './context.js';

interface State extends SoftirqStats {
  frame: FrameId;
  raisedAt: number;
  raisedOn: number;
  startedAt: number;
}

export const NET_RX = 3;

export class SoftirqAggregate {
  private readonly vectors: (State | undefined)[] = [];
  private readonly onExit: ((vector: number, s: ThreadState, t: number) => void)[] = [];
  private readonly context: AggregateContext;

  constructor(context: AggregateContext) {
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
  whenDone(then: (vector: number, s: ThreadState, t: number) => void): void {
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
      frame: this.context.builder.frame({ name: `softirq ${name}`, kind: 'softirq' }),
      raisedAt: 0,
      raisedOn: 0,
      startedAt: -1,
    };
    if (vector < 64) this.vectors[vector] = state;
    return state;
  }

  private raise(s: ThreadState, t: number, v: State): void {
    v.raised++;
    if (v.pending) return;
    v.pending = true;
    v.raisedAt = t;
    v.raisedOn = s.index;
  }

  private entry(s: ThreadState, t: number, v: State): void {
    this.context.builder.enter(s, t, v.frame);
    v.runs++;
    v.startedAt = t;
    if (!v.pending) return;
    v.latency.add(t - v.raisedAt);
    this.context.builder.flows.add('raise to softirq', v.raisedAt, v.raisedOn, t, s.index);
    v.pending = false;
  }

  private exit(s: ThreadState, t: number, vector: number): void {
    const v = this.state(vector);
    for (const then of this.onExit) then(vector, s, t);
    this.context.builder.leave(s, t, v.frame);
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
