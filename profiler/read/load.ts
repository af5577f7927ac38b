// SPDX-License-Identifier: MIT
// Decoded events in, a Profile out: one pass, in time order.

import { type EventBatch, FLAG, KIND, type Trace, type TraceThread } from '../../tracer/decode/types.js';
import { DriverLines } from '../../tracer/symbols/line-pack.js';
import {
  type Evidence,
  type Finding,
  type FrameId,
  type Incident,
  type Nanoseconds,
  type Profile,
  type ProfileMeta,
  type ThreadRole,
  type TopicKey,
  TopicResults,
} from '../model/index.js';
import { duration, seconds } from '../show/index.js';
import { ProfileBuilder } from './builder.js';
import type { CallSink } from './call-sink.js';
import type { EngineContext, EngineHandler } from './context.js';
import { readers } from './event-args.js';
import { readInstants } from './instants.js';
import { closeIntervals, openIntervals } from './intervals.js';
import { closeCalls, openCalls } from './program.js';
import { isPart, partOf, type TraceFilter } from './part.js';
import { Scheduler } from './scheduler.js';
import { withoutShortCalls } from './short-calls.js';
import { signatureOf } from './signatures.js';
import { Symbols } from './symbols.js';
import type { ThreadState } from './thread-state.js';
import type { AnyTopic, Collector, Topic, TopicContext } from './topic.js';

/** Who wants what was recorded, and not sums of it. */
export interface TraceSink extends CallSink {
  /** Before the first event. */
  begin(trace: Trace, builder: ProfileBuilder, symbols: Symbols): void;
  /** A typed event, after what it opens and before what it closes is counted. */
  event(s: ThreadState, t: number, b: EventBatch, i: number): void;
}

export interface LoadOptions {
  /** Read these topics alone (and what they need); the others' results are empty, and findings need all. Default: all. */
  only?: readonly TopicKey<unknown>[];
  /** Keep calls, instants and flows in time order, as exporters need. Reports do without: memory stays bounded. Default true. */
  timeline?: boolean;
  /** Events kept in time order at most. Default 60 million. */
  maxEvents?: number;
  /** Keep arguments and return values of the calls in time order. Default false. */
  callArguments?: boolean;
  /** Take the tracer's own cost, as it was measured, out of total and own times. Default false. */
  subtractOverhead?: boolean;
  title?: string;
  /** Told of every call and event. */
  sink?: TraceSink;
  /** Keep how the self times of each node's calls are spread. Default false. */
  selfTimes?: boolean;
  /** Only a part of the recording. */
  filter?: TraceFilter;
  /** Told now and then how far it is, from 0 to 1. */
  onProgress?(share: number): void;
}

/** Written by `record` at the end, with times since a moment of the host's clock. */
function toldOf({ metadata, startTime }: Trace): readonly Finding[] | undefined {
  const told = metadata['told'] as { at?: number; findings?: readonly Finding[] } | undefined;
  if (!Array.isArray(told?.findings)) return undefined;
  const shift = ((told.at ?? startTime) - startTime) * 1e6;
  const moved = (e: Evidence): Evidence => ({ ...e, at: Math.max(0, e.at + shift) as Nanoseconds });
  return told.findings.map((one) => ({ ...one, evidence: one.evidence.map(moved) }));
}

function metaOf(trace: Trace, title: string | undefined): ProfileMeta {
  const m = trace.metadata;
  const names = [m.driver, m.workload].filter((x) => x !== undefined).join(' ');
  const text = (key: string, value: unknown) => (typeof value === 'string' ? { [key]: value } : {});
  const told = toldOf(trace);
  return {
    ...(told === undefined ? {} : { told }),
    title: title ?? (names === '' ? trace.path : names),
    complete: trace.complete,
    startedAt: trace.startTime,
    ...text('driver', m.driver),
    ...text('device', m['device']),
    ...text('kernelVersion', m.kernelVersion),
    ...text('buildId', m.buildId),
    ...text('workload', m.workload),
    ...text('sourceRoot', m.sourceRoot),
    ...(trace.skippedSites > 0 && { skippedSites: trace.skippedSites }),
    ...(typeof m.minDuration === 'number' && m.minDuration > 0 && { minDuration: m.minDuration }),
    ...text('host', typeof m.host?.['name'] === 'string' ? m.host['name'] : undefined),
  };
}

/** Frames of the sites that occur; there are thousands that do not. */
class SiteFrames {
  private readonly frames: Int32Array;
  private readonly trace: Trace;
  private readonly builder: ProfileBuilder;
  private readonly symbols: Symbols;
  /** 1 where the frame's signature is this site's: static functions of the same name share a frame. */
  readonly signed: Uint8Array;
  private unknown = -1;

  constructor(trace: Trace, builder: ProfileBuilder, symbols: Symbols) {
    this.symbols = symbols;
    this.signed = new Uint8Array(trace.sites.length);
    this.frames = new Int32Array(trace.sites.length).fill(-1);
    this.trace = trace;
    this.builder = builder;
  }

  of(id: number): FrameId {
    const known = this.frames[id];
    return known !== undefined && known >= 0 ? known : this.add(id);
  }

  private add(id: number): FrameId {
    const site = this.trace.sites[id];
    if (site === undefined || id >= this.frames.length) {
      if (this.unknown < 0) this.unknown = this.builder.frame({ name: '(unknown site)', kind: 'core' });
      return this.unknown;
    }
    const signature = signatureOf(this.trace, this.symbols, site);
    const frame = this.builder.frame({
      name: site.name,
      kind: site.kind,
      address: site.addr,
      ...(site.callback === undefined ? {} : { callback: site.callback }),
      ...(site.file === undefined ? {} : { file: site.file }),
      ...(site.line === undefined ? {} : { line: site.line }),
      ...(signature === undefined ? {} : { signature }),
    });
    this.frames[id] = frame;
    if (signature !== undefined && this.builder.frames.list[frame]?.signature === signature) this.signed[id] = 1;
    return frame;
  }
}

const ROLES: readonly [RegExp, ThreadRole][] = [
  [/^swapper/, 'boot'],
  [/^ksoftirqd\//, 'softirq'],
  [/^kworker\//, 'work'],
  [/^irq\/\d/, 'irq'],
];

/** A thread that was given no role has one by its name; thread 0 is the kernel's idle loop. */
function roleOf(thread: TraceThread): ThreadRole {
  if (thread.role !== 'other') return thread.role;
  if (thread.tid === 0) return 'idle';
  return ROLES.find(([name]) => name.test(thread.name))?.[1] ?? 'kthread';
}

const BOUND_EVERY = 1 << 16;
/** 128 MiB of arguments. */
const MAX_WORDS = 1 << 25;

function both(before: EngineHandler | undefined, next: EngineHandler): EngineHandler {
  if (before === undefined) return next;
  return (s, t, b, i) => {
    before(s, t, b, i);
    next(s, t, b, i);
  };
}

/** What a topic is given that nobody asked for: it hears nothing, and its result is empty. */
function deaf(context: TopicContext): TopicContext {
  const none = (): void => {};
  return { ...context, on: none, onCall: none, onFunction: none, onSite: none };
}

/** The keys' topics, with all that they need. */
function closure(registry: readonly AnyTopic[], only: readonly TopicKey<unknown>[]): Set<AnyTopic> {
  const wanted = new Set<AnyTopic>();
  const add = (topic: AnyTopic): void => {
    if (wanted.has(topic)) return;
    wanted.add(topic);
    topic.needs?.forEach(add);
  };
  for (const topic of registry) if (topic.always === true || only.includes(topic.key)) add(topic);
  return wanted;
}

class Loader {
  /** Events since the timelines were last looked at. */
  private seen = 0;
  readonly builder: ProfileBuilder;
  private readonly trace: Trace;
  private readonly handlers: (EngineHandler | undefined)[] = [];
  /** By site. */
  private readonly entries: (EngineHandler | undefined)[] = [];
  private readonly exits: (EngineHandler | undefined)[] = [];
  private readonly frames: SiteFrames;
  private readonly lines: DriverLines;
  private readonly scheduler: Scheduler;
  private readonly symbols: Symbols;
  private readonly threads: ThreadState[];
  private readonly keepArguments: boolean;
  private readonly sink: TraceSink | undefined;
  private readonly collectors = new Map<AnyTopic, Collector<unknown>>();
  private readonly incidents: Incident[] = [];
  /** Frames of the sites that have been entered and that nobody listens to; else -1. */
  private readonly plain: Int32Array;

  constructor(trace: Trace, registry: readonly AnyTopic[], options: LoadOptions) {
    const { maxEvents, callArguments, subtractOverhead, selfTimes = false, only, timeline = true, sink } = options;
    this.trace = trace;
    this.builder = new ProfileBuilder({
      timeline,
      selfTimes,
      ...(sink === undefined ? {} : { sink }),
      ...(timeline ? {} : { maxInstants: 0 }),
      ...(maxEvents === undefined ? {} : { maxEvents }),
      ...(callArguments === true && timeline ? { maxWords: MAX_WORDS } : {}),
      ...(trace.cost === undefined ? {} : { cost: trace.cost, subtract: subtractOverhead ?? false }),
    });
    this.lines = new DriverLines(trace.metadata['lines']);
    this.plain = new Int32Array(trace.sites.length).fill(-1);
    this.keepArguments = callArguments === true && timeline;
    this.symbols = new Symbols(trace);
    this.sink = sink;
    sink?.begin(trace, this.builder, this.symbols);
    this.frames = new SiteFrames(trace, this.builder, this.symbols);
    this.threads = trace.threads.map((t) => this.builder.thread(t.name, t.tid, roleOf(t)));
    const collect = (topic: AnyTopic): Collector<unknown> => {
      const known = this.collectors.get(topic);
      if (known !== undefined) return known;
      const made: Collector<unknown> = topic.collect(wanted.has(topic) ? context : deaf(context), options);
      this.collectors.set(topic, made);
      return made;
    };
    const context = this.context(collect);
    const wanted = closure(registry, only ?? registry.map((topic) => topic.key));
    if (timeline) readInstants(context);
    const open = openIntervals(context);
    const calls = openCalls(context);
    for (const topic of registry) collect(topic);
    closeIntervals(context, open);
    closeCalls(context, calls);
    this.scheduler = new Scheduler(context);
  }

  private context(collect: (topic: AnyTopic) => Collector<unknown>): EngineContext {
    const { trace, builder, handlers, entries, exits, plain, symbols } = this;
    const calls = new Map<string, number[]>();
    for (const { i, kind, name } of trace.sites) {
      if (kind === 'api') calls.set(name, [...(calls.get(name) ?? []), i]);
    }
    const listen = (site: number, entry: EngineHandler | undefined, exit: EngineHandler | undefined): void => {
      // Whoever asks may have waited for an event to learn of the function.
      plain[site] = -1;
      if (entry !== undefined) entries[site] = both(entries[site], entry);
      if (exit !== undefined) exits[site] = both(exits[site], exit);
    };
    const state = ({ index }: { readonly index: number }): ThreadState => this.threads[index] as ThreadState;
    const innermost = (s: ThreadState) => builder.frames.list[s.frame[s.depth] as number];
    return {
      trace,
      builder,
      symbols,
      lines: this.lines,
      on(event, make) {
        const found = readers(trace, event);
        if (found === undefined) return;
        handlers[found.id] = both(handlers[found.id], make(found.arg));
      },
      onEvent(id, next) {
        handlers[id] = both(handlers[id], next);
      },
      onCall(name, entry, exit) {
        for (const i of calls.get(name) ?? []) listen(i, entry, exit);
      },
      onSite: listen,
      onFunction(address, entry) {
        for (const { i, addr, kind } of trace.sites)
          if (kind !== 'api' && addr === address) listen(i, entry, undefined);
      },
      driverFunction(thread, caller) {
        const s = state(thread);
        const symbol = caller === 0 ? undefined : symbols.find(caller);
        if (symbol !== undefined) return symbol.name;
        for (let d = s.depth; d > 0; d--) {
          const frame = builder.frames.list[s.frame[d] as number];
          if (frame?.kind === 'driver') return frame.name;
        }
        return innermost(s)?.name ?? '?';
      },
      innermost: (thread) => innermost(state(thread)),
      elapsed(thread, t) {
        const s = state(thread);
        return s.depth === 0 ? 0 : t - (s.at[s.depth] as number) - (s.stolen[s.depth] as number);
      },
      counter: (name, unit) => builder.counter(name, unit),
      flow: (kind, from, fromThread, to, toThread) => builder.flows.add(kind, from, fromThread, to, toThread),
      incident: (one) => void this.incidents.push(one),
      use: (topic) => collect(topic) as ReturnType<typeof topic.collect>,
    };
  }

  /** Takes the events [from, to). */
  run(b: EventBatch, from: number, to: number): void {
    const s = this.threads[b.thread.index];
    if (s === undefined || to === from) return;
    const { builder, frames, handlers, entries, exits, sink } = this;
    const { ts, kind, id, flags } = b;
    const keep = this.keepArguments;
    // Exits that the decoder made up tell nothing of who had the CPU, and the builder closes what is open by itself.
    let i = from;
    while (i < to && ((flags[i] as number) & FLAG.synthetic) !== 0) i++;
    if (i === to) return;
    const first = Math.floor(ts[i] as number);
    this.scheduler.run(s, first);
    this.seen += to - from;
    if (this.seen >= BOUND_EVERY) {
      this.seen = 0;
      builder.boundTimeline(first);
    }
    if (from === 0 && b.lostBefore > 0) builder.gap(s, s.last, first, b.lostBefore);
    for (; i < to; i++) {
      if (!keep) {
        i = builder.calls(s, b, i, to, this.plain);
        if (i === to) break;
      }
      const t = Math.floor(ts[i] as number);
      const k = kind[i] as number;
      if (k === KIND.entry) {
        const site = id[i] as number;
        const frame = frames.of(site);
        builder.enter(s, t, frame, b, i);
        if (entries[site] === undefined && exits[site] === undefined) this.plain[site] = frame;
        const start = b.payloadStart[i] as number;
        if (start > 0) builder.chargeArguments(s);
        if (keep && frames.signed[site] === 1) {
          const more = start === 0 ? 0 : (b.payload[start - 1] as number);
          builder.callWords(s, b.arg[i] as number, b.payload, start, more);
        }
        entries[site]?.(s, s.last, b, i);
      } else if (k === KIND.exit) {
        if (flags[i] !== 0) continue;
        const site = id[i] as number;
        exits[site]?.(s, Math.max(t, s.last), b, i);
        const frame = frames.of(site);
        const left = builder.leave(s, t, frame);
        if (left >= 0) sink?.returned(b.arg[i] as number);
        if (
          keep &&
          left >= 0 &&
          frames.signed[site] === 1 &&
          builder.frames.list[frame]?.signature?.returns !== undefined
        )
          builder.returnWord(s, b.arg[i] as number);
      } else {
        const handler = handlers[id[i] as number];
        const now = builder.touch(s, t);
        sink?.event(s, now, b, i);
        if (handler !== undefined) handler(s, now, b, i);
        builder.chargeEvent(s);
      }
    }
  }

  finish(title: string | undefined): Profile {
    const { trace, builder } = this;
    for (const t of trace.threads) {
      const s = this.threads[t.index];
      if (s !== undefined && t.exit !== undefined && s.start >= 0)
        builder.exitThread(s, Math.max(s.last, Math.floor(t.exit)));
    }
    const { produced, recorded, lost, filtered, unreadable } = trace.totals;
    const a = builder.accounting;
    a.produced = produced;
    a.recorded = recorded;
    a.lost = lost;
    a.filtered = filtered;
    a.corrupt = unreadable;
    a.orphanExits += trace.totals.orphanExits;
    const end = Math.floor(trace.duration);
    const topics = new TopicResults();
    for (const [topic, collector] of this.collectors) topics.set(topic.key, collector.finish(end));
    const profile = builder.finish(metaOf(trace, title), topics, this.incidents, end);
    const { overhead } = profile;
    // What was left out took its time all the same.
    const total = (overhead?.total ?? 0) + (filtered / 2) * (overhead?.pair ?? 0);
    return {
      ...profile,
      ...(overhead && { overhead: { ...overhead, total } }),
      lines: this.lines,
    };
  }
}

/** Says so in the title. */
function asPart(profile: Profile, { from, to, thread, minDuration }: TraceFilter): Profile {
  const place = (ns: number): string => seconds(ns, 6).replace(/0{1,5} s$/, ' s');
  const parts = [
    ...(from === undefined ? [] : [`from ${place(from)}`]),
    ...(to === undefined ? [] : [`to ${place(to)}`]),
    ...(thread === undefined ? [] : ['some threads']),
    ...(minDuration === undefined ? [] : [`calls of at least ${duration(minDuration)}`]),
  ];
  return { ...profile, meta: { ...profile.meta, title: `${profile.meta.title} (${parts.join(' ')})` } };
}

/**
 * Reads the trace, or the part of it that a filter leaves. The trace stays open.
 * @param registry the topics; each is given the options
 */
export function readProfile<O>(
  whole: Trace,
  registry: readonly Topic<unknown, Collector<unknown>, O>[],
  options: LoadOptions & O,
): Profile {
  const filter = options.filter ?? {};
  const { minDuration } = filter;
  const part = isPart(filter) ? partOf(whole, filter) : whole;
  const trace = minDuration === undefined ? part : withoutShortCalls(part, minDuration);
  const loader = new Loader(trace, registry, options);
  let told = 0;
  const run = (b: EventBatch, from: number, to: number): void => {
    loader.run(b, from, to);
    if (options.onProgress === undefined || to === from || trace.duration <= 0) return;
    const share = (b.ts[to - 1] as number) / trace.duration;
    if (share <= told + 0.01) return;
    told = share;
    options.onProgress(told);
  };
  if (trace.forEachRun !== undefined) trace.forEachRun(run);
  else trace.forEachBatch((b) => run(b, 0, b.count), { order: 'time' });
  const profile = loader.finish(options.title);
  return options.filter === undefined ? profile : asPart(profile, options.filter);
}
