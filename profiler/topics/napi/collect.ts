// SPDX-License-Identifier: MIT
// NAPI contexts: scheduled, polled, completed. A poll that uses its whole budget must be polled again, so the softirq
// that leaves it must have been raised again: one that was not is put down as an incident at once. A poll that uses less must
// have completed: one that has not, and is then not polled for STALL, is put down as an incident.

import { Histogram, type Incident } from '../../model/index.js';
import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import { NET_RX, type SoftirqCollector } from '../softirq/collect.js';
import type { NapiStats } from './stats.js';

/** Without a poll for this long a NAPI context that should be polled is stuck. */
const STALL = 20e6;

/** Linux's own queue for packets that stay on this machine: it completes without a call. */
const BACKLOG = 'process_backlog';

interface State {
  readonly stats: NapiStats & { budget: number };
  scheduled: boolean;
  scheduledAt: number;
  scheduledOn: number;
  completions: number;
  completionsAtPoll: number;
  /** When it last used up its budget, or -1 when its last poll did not. */
  fullAt: number;
  /** Its poll function. */
  code: number;
  /** Since when, and how, it waits for a poll that nothing announces. */
  stuck: { kind: Incident['kind']; at: number; thread: number; node: number; work: number } | undefined;
}

export class NapiCollector implements Collector<NapiStats[]> {
  private readonly contexts = new Map<number, State>();
  private readonly context: TopicContext;
  private completesSeen = false;
  private schedulesSeen = false;

  constructor(context: TopicContext, softirqs: SoftirqCollector) {
    this.context = context;
    context.on('napi_schedule', (arg) => {
      const napi = arg('napi');
      return (s, t, b, i) => this.schedule(s, t, napi(b, i));
    });
    context.on('napi_complete', (arg) => {
      const [napi, again] = [arg('napi'), arg('again')];
      return (_s, t, b, i) => this.complete(t, napi(b, i), again(b, i) !== 0);
    });
    context.on('napi_poll', (arg) => {
      const [napi, work, budget, poll, dev] = [arg('napi'), arg('work'), arg('budget'), arg('poll'), arg('dev')];
      return (s, t, b, i) => this.poll(s, t, napi(b, i), work(b, i), budget(b, i), poll(b, i), dev(b, i));
    });
    softirqs.whenDone((vector, s, t) => {
      if (vector === NET_RX && !softirqs.isPending(NET_RX)) this.softirqDone(s, t);
    });
  }

  private state(napi: number): State {
    let state = this.contexts.get(napi);
    if (state === undefined) {
      state = {
        stats: {
          name: `napi 0x${napi.toString(16)}`,
          device: '',
          polls: 0,
          work: 0,
          workHistogram: new Histogram(),
          budgetExhausted: 0,
          completed: 0,
          scheduled: 0,
          empty: 0,
          budget: 0,
        },
        scheduled: false,
        scheduledAt: 0,
        scheduledOn: 0,
        completions: 0,
        completionsAtPoll: 0,
        fullAt: -1,
        code: 0,
        stuck: undefined,
      };
      this.contexts.set(napi, state);
    }
    return state;
  }

  private schedule(s: ThreadView, t: number, napi: number): void {
    const n = this.state(napi);
    this.resolve(n, t);
    this.schedulesSeen = true;
    n.stats.scheduled++;
    n.scheduled = true;
    n.scheduledAt = t;
    n.scheduledOn = s.index;
  }

  private complete(t: number, napi: number, again: boolean): void {
    const n = this.state(napi);
    this.resolve(n, t);
    this.completesSeen = true;
    n.completions++;
    n.stats.completed++;
    n.scheduled = again;
  }

  private poll(s: ThreadView, t: number, napi: number, work: number, budget: number, poll: number, dev: number): void {
    const n = this.state(napi);
    const { stats } = n;
    if (stats.polls === 0) {
      (stats as { name: string }).name = this.context.symbols.name(poll);
      (stats as { device: string }).device = dev === 0 ? '' : `0x${dev.toString(16)}`;
    }
    this.resolve(n, t);
    stats.polls++;
    stats.work += work;
    stats.budget = budget;
    stats.workHistogram.add(work);
    if (work === 0) stats.empty++;
    if (n.scheduledAt > 0) this.context.flow('schedule to poll', n.scheduledAt, n.scheduledOn, t, s.index);
    n.scheduledAt = 0;
    const completed = n.completions !== n.completionsAtPoll;
    n.completionsAtPoll = n.completions;
    n.code = poll;
    if (work >= budget && budget > 0) {
      if (completed)
        this.context.incident(
          this.incidentOf(n, { kind: 'napi-complete-full', at: t, thread: s.index, node: s.here, work }, t),
        );
      stats.budgetExhausted++;
      if (!completed) n.scheduled = true;
      n.fullAt = completed ? -1 : t;
      return;
    }
    n.fullAt = -1;
    if (!completed && stats.name !== BACKLOG && (n.scheduled || !this.schedulesSeen)) {
      n.stuck = { kind: 'napi-not-completed', at: t, thread: s.index, node: s.here, work };
    }
  }

  /** NET_RX returned and is not raised: whoever is still scheduled will not be polled. */
  private softirqDone(s: ThreadView, t: number): void {
    for (const n of this.contexts.values()) {
      if (n.scheduled && n.stuck === undefined && n.stats.polls > 0 && n.stats.name !== BACKLOG) {
        // From the poll on, so that a loss of events between it and here is seen.
        const at = n.fullAt >= 0 ? n.fullAt : t;
        n.stuck = { kind: 'napi-stalled', at, thread: s.index, node: s.here, work: n.fullAt >= 0 ? n.stats.budget : 0 };
      }
    }
  }

  private resolve(n: State, t: number): void {
    const stuck = n.stuck;
    n.stuck = undefined;
    if (stuck === undefined) return;
    const certain = stuck.kind === 'napi-stalled' && stuck.work > 0;
    if (!certain && t - stuck.at < STALL) return;
    // Older recordings have neither event.
    if (stuck.kind === 'napi-not-completed' && !this.completesSeen && !this.schedulesSeen) return;
    this.context.incident(this.incidentOf(n, stuck, t));
  }

  private incidentOf(n: State, stuck: NonNullable<State['stuck']>, t: number): Incident {
    return {
      kind: stuck.kind,
      at: stuck.at,
      for: t - stuck.at,
      thread: stuck.thread,
      node: stuck.node,
      code: n.code,
      data: { poll: n.stats.name, budget: n.stats.budget, work: stuck.work },
    };
  }

  finish(end: number): NapiStats[] {
    for (const n of this.contexts.values()) this.resolve(n, end);
    return [...this.contexts.values()].map((n) => n.stats).sort((a, b) => b.work - a.work || b.polls - a.polls);
  }
}
