// SPDX-License-Identifier: MIT
// The way of an interrupt, station by station: signal on the host -> handler -> NET_RX raised -> softirq runs -> first poll.
// There is one CPU, so the poll that follows the softirq that follows the raise in a handler is that interrupt's.

import { Histogram } from '../../model/index.js';
import type { Collector, TopicContext } from '../../read/index.js';
import type { IrqCollector } from '../irq/collect.js';
import { NET_RX } from '../softirq/collect.js';
import type { InterruptPath } from './stats.js';

interface Way {
  readonly path: InterruptPath;
  readonly signalledAt: number;
  readonly handlerAt: number;
  raisedAt: number;
  softirqAt: number;
}

export class InterruptPathCollector implements Collector<InterruptPath[]> {
  private readonly paths = new Map<number, InterruptPath>();
  /** The handler that runs, and the way that waits for its softirq or poll. */
  private running: Way | undefined;
  private way: Way | undefined;
  private readonly polls = new Set<number>();

  constructor(context: TopicContext, irqs: IrqCollector) {
    irqs.whenEntered((irq, name, signalledAt, t) => {
      const path = this.path(irq, name);
      if (signalledAt >= 0) path.toHandler.add(t - signalledAt);
      this.running = { path, signalledAt, handlerAt: t, raisedAt: -1, softirqAt: -1 };
    });
    context.on('softirq_raise', (arg) => {
      const vec = arg('vec');
      return (_s, t, b, i) => {
        if (vec(b, i) !== NET_RX || this.running === undefined) return;
        const { running } = this;
        running.path.toRaise.add(t - running.handlerAt);
        // A second interrupt before the softirq joins the first's way.
        if (this.way === undefined || this.way.softirqAt >= 0) this.way = { ...running, raisedAt: t };
        this.running = undefined;
      };
    });
    context.on('irq_handler_exit', () => () => {
      this.running = undefined;
    });
    context.on('softirq_entry', (arg) => {
      const vec = arg('vec');
      return (_s, t, b, i) => {
        const { way } = this;
        if (vec(b, i) !== NET_RX || way === undefined || way.softirqAt >= 0) return;
        way.softirqAt = t;
        way.path.toSoftirq.add(t - way.raisedAt);
      };
    });
    // The kernel's event comes after the poll: it tells which function polls, whose entry is the beginning of the next.
    context.on('napi_poll', (arg) => {
      const poll = arg('poll');
      return (_s, _t, b, i) => {
        const address = poll(b, i);
        if (this.polls.has(address)) return;
        this.polls.add(address);
        context.onFunction(address, (_s2, t) => this.polled(t));
      };
    });
  }

  private path(irq: number, name: string): InterruptPath {
    let path = this.paths.get(irq);
    if (path === undefined) {
      path = {
        irq,
        name,
        toHandler: new Histogram(),
        toRaise: new Histogram(),
        toSoftirq: new Histogram(),
        toPoll: new Histogram(),
        whole: new Histogram(),
      };
      this.paths.set(irq, path);
    }
    return path;
  }

  private polled(t: number): void {
    const { way } = this;
    if (way === undefined || way.softirqAt < 0) return;
    this.way = undefined;
    way.path.toPoll.add(t - way.softirqAt);
    way.path.whole.add(t - (way.signalledAt >= 0 ? way.signalledAt : way.handlerAt));
  }

  finish(): InterruptPath[] {
    return [...this.paths.values()].sort((a, b) => b.toHandler.count - a.toHandler.count || a.irq - b.irq);
  }
}
