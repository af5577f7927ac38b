// SPDX-License-Identifier: MIT
// Timers, work items and tasklets of the driver that are armed when it has been removed, or after that.

import type { Nanoseconds, NodeId, ThreadIndex } from '../../model/index.js';
import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import type { BindingCollector } from '../binding/collect.js';
import { type CallSite, callSites } from '../call-site.js';

interface Armed {
  readonly at: Nanoseconds;
  readonly thread: ThreadIndex;
  readonly node: NodeId;
  readonly code: number;
  readonly name: string;
}

export class AfterRemoveCollector implements Collector<undefined> {
  private readonly context: TopicContext;
  private readonly binding: BindingCollector;
  /** Timers and work items of the driver that will fire, and where they were armed last. */
  private readonly timers = new Map<number, Armed>();
  private readonly works = new Map<number, Armed>();
  /** Tasklets that the remove that is going on has scheduled and not waited for. */
  private readonly tasklets = new Map<number, Armed>();
  private readonly armedAt = new Map<number, number>();
  private readonly driverFunctions: Set<number>;

  constructor(context: TopicContext, binding: BindingCollector) {
    this.context = context;
    this.binding = binding;
    this.driverFunctions = new Set(context.trace.sites.filter((s) => s.kind === 'driver').map((s) => s.addr));
    callSites(context, (site, s, t) => this.called(site, s, t));
    this.onTimers('timer');
    this.onTimers('hrtimer');
    context.on('workqueue_execute_start', (arg) => {
      const work = arg('work');
      return (_s, _t, b, i) => void this.works.delete(work(b, i));
    });
    binding.whenRemoved(() => this.removed());
  }

  private called({ name, object, code }: CallSite, s: ThreadView, t: number): void {
    if (/^(queue|mod)_(delayed_)?work/.test(name)) {
      const armed = { at: t, thread: s.index, node: s.here, code, name };
      this.works.set(object, armed);
      if (this.binding.removed === true) this.report(armed, 'armed');
    } else if (/^cancel_(delayed_)?work/.test(name)) this.works.delete(object);
    else if (/^__tasklet_(hi_)?schedule/.test(name)) {
      const armed = { at: t, thread: s.index, node: s.here, code, name: 'a tasklet' };
      if (this.binding.removed === true) this.report(armed, 'armed');
      else if (this.binding.removing) this.tasklets.set(object, armed);
    } else if (/^tasklet_(kill|unlock_wait)/.test(name)) this.tasklets.delete(object);
    else if (/^(add|mod)_timer|^hrtimer_start/.test(name)) this.armedAt.set(object, code);
  }

  private onTimers(prefix: 'timer' | 'hrtimer'): void {
    this.context.on(`${prefix}_start`, (arg) => {
      const [timer, fn] = [arg(prefix), arg('function')];
      return (s, t, b, i) => {
        const address = fn(b, i);
        if (!this.driverFunctions.has(address)) return;
        const code = this.armedAt.get(timer(b, i)) ?? 0;
        const name = this.context.symbols.name(address);
        const armed = { at: t, thread: s.index, node: s.here, code, name };
        this.timers.set(timer(b, i), armed);
        if (this.binding.removed === true) this.report(armed, 'armed');
      };
    });
    for (const event of [`${prefix}_cancel`, `${prefix}_expire_entry`]) {
      this.context.on(event, (arg) => {
        const timer = arg(prefix);
        return (_s, _t, b, i) => void this.timers.delete(timer(b, i));
      });
    }
  }

  private removed(): void {
    for (const armed of this.tasklets.values()) this.report(armed, 'not waited for');
    this.tasklets.clear();
    for (const armed of [...this.timers.values(), ...this.works.values()]) this.report(armed, 'pending');
    this.timers.clear();
    this.works.clear();
  }

  private report({ at, thread, node, code, name }: Armed, how: 'armed' | 'pending' | 'not waited for'): void {
    this.context.incident({
      kind: 'timer-after-remove',
      at,
      for: 0,
      thread,
      node,
      code,
      data: { function: name, how },
    });
  }

  finish(): undefined {
    return undefined;
  }
}
