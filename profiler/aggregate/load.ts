// SPDX-License-Identifier: MIT
// Decoded events in, a Profile out: one pass, in time order.

import { type EventBatch, FLAG, KIND, type Trace, type TraceThread } from '../../tracer/decode/types.js';
import { DriverLines } from '../../tracer/symbols/line-pack.js';
import {
  type Analysis,
  type CallSink,
  type Domain,
  type FrameId,
  type Profile,
  ProfileBuilder,
  type ProfileMeta,
  type Sign,
  type ThreadRole,
  type ThreadState,
} from '../model/index.js';
import type { AggregateContext, Handler } from './context.js';
import { AllocationAggregate } from './allocations.js';
import { ChecksAggregate } from './checks.js';
import { CallValuesAggregate } from './call-values.js';
import { DmaAggregate } from './dma.js';
import { readers } from './event-args.js';
import { aggregateInstants } from './instants.js';
import { aggregateIntervals } from './intervals.js';
import { InterruptPathAggregate } from './interrupt-path.js';
import { IrqAggregate } from './irq.js';
import { LockAggregate } from './locks.js';
import { MmioAggregate } from './mmio.js';
import { NapiAggregate } from './napi.js';
import { PacketAggregate } from './packets.js';
import { Scheduler } from './scheduler.js';
import { signatureOf } from './signatures.js';
import { SoftirqAggregate } from './softirq.js';
import { StackAggregate } from './stacks.js';
import { Symbols } from './symbols.js';
import { TimerAggregate } from './timers.js';
import { VirtToPhysAggregate } from './virt-to-phys.js';
import { withoutShortCalls } from './min-duration.js';
import { filterTrace, type TraceFilter } from './window.js';

/** Who wants what was recorded, and not sums of it. */
export interface TraceSink extends CallSink {
  /** Before the first event. */
  begin(trace: Trace, builder: ProfileBuilder, symbols: Symbols): void;
  /** A typed event, after what it opens and before what it closes is counted. */
  event(s: ThreadState, t: number, b: EventBatch, i: number): void;
}

export interface LoadOptions {
  /** Make these of the domain's parts alone; the others stay empty, and findings need all. Default: all. */
  only?: readonly Analysis[];
  /** Keep calls, instants and flows in time order, as exporters need. Reports do without: memory stays bounded. Default true. */
  timeline?: boolean;
  /** Events kept in time order at most. Default 60 million. */
  maxEvents?: number;
  /** Keep the bytes of packets. Default false. */
  packets?: boolean;
  /** Keep arguments and return values of the calls in time order. Default false. */
  callArguments?: boolean;
  /** Count the values of arguments and results of functions of this name. */
  valuesOf?: string;
  /** Take the tracer's own cost, as it was measured, out of total and own times. Default false. */
  subtractOverhead?: boolean;
  title?: string;
  /** Told of every call and event. */
  sink?: TraceSink;
  /** Keep how the self times of each node's calls are spread. Default false. */
  spread?: boolean;
  /** Only a part of the recording. */
  filter?: TraceFilter;
  /** Told now and then how far it is, from 0 to 1. */
  onProgress?(share: number): void;
}

function metaOf(trace: Trace, title: string | undefined): ProfileMeta {
  const m = trace.metadata;
  const names = [m.driver, m.workload].filter((x) => x !== undefined).join(' ');
  const text = (key: string, value: unknown) => (typeof value === 'string' ? { [key]: value } : {});
  return {
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

function both(before: Handler | undefined, next: Handler): Handler {
  if (before === undefined) return next;
  return (s, t, b, i) => {
    before(s, t, b, i);
    next(s, t, b, i);
  };
}

class Loader {
  /** Events since the timelines were last looked at. */
  private seen = 0;
  readonly builder: ProfileBuilder;
  private readonly trace: Trace;
  private readonly handlers: (Handler | undefined)[] = [];
  /** By site. */
  private readonly entries: (Handler | undefined)[] = [];
  private readonly exits: (Handler | undefined)[] = [];
  private readonly frames: SiteFrames;
  private readonly lines: DriverLines;
  private readonly scheduler: Scheduler;
  private readonly finishDomain: (end: number) => Domain;
  private readonly threads: ThreadState[];
  private readonly keepArguments: boolean;
  private readonly sink: TraceSink | undefined;
  private readonly values = new CallValuesAggregate();
  /** Frames of the sites that have been entered and that nobody listens to; else -1. */
  private readonly plain: Int32Array;

  constructor(
    trace: Trace,
    timeline: boolean,
    {
      maxEvents,
      packets: keepPackets,
      callArguments,
      subtractOverhead,
      valuesOf,
      spread = false,
      only,
      sink,
    }: LoadOptions,
  ) {
    this.trace = trace;
    this.builder = new ProfileBuilder({
      timeline,
      spread,
      ...(sink === undefined ? {} : { sink }),
      ...(timeline ? {} : { maxInstants: 0 }),
      ...(maxEvents === undefined ? {} : { maxEvents }),
      ...(callArguments === true && timeline ? { maxWords: MAX_WORDS } : {}),
      ...(trace.cost === undefined ? {} : { cost: trace.cost, subtract: subtractOverhead ?? false }),
    });
    this.lines = new DriverLines(trace.metadata['lines']);
    this.plain = new Int32Array(trace.sites.length).fill(-1);
    this.keepArguments = callArguments === true && timeline;
    const symbols = new Symbols(trace);
    this.sink = sink;
    sink?.begin(trace, this.builder, symbols);
    this.frames = new SiteFrames(trace, this.builder, symbols);
    this.threads = trace.threads.map((t) => this.builder.thread(t.name, t.tid, roleOf(t)));
    const context = this.context(symbols);
    const deaf = { ...context, on: () => {}, onEvent: () => {}, onCall: () => {}, onFunction: () => {} };
    const heard = (what: Analysis): AggregateContext => (only === undefined || only.includes(what) ? context : deaf);
    const signs: Sign[] = [];
    const stacks = new StackAggregate(heard('stacks'));
    if (timeline) aggregateInstants(context);
    aggregateIntervals(context);
    const dma = new DmaAggregate(heard('dma'));
    const virtToPhys = new VirtToPhysAggregate(heard('virtToPhys'), () => dma.count);
    const softirqs = new SoftirqAggregate(context);
    const napi = new NapiAggregate(context, softirqs, signs);
    const checks = new ChecksAggregate(context, signs);
    const irqs = new IrqAggregate(context, signs, checks.disabledBy);
    const mmio = new MmioAggregate(heard('mmio'), signs);
    const paths = new InterruptPathAggregate(heard('paths'), irqs);
    const locks = new LockAggregate(heard('locks'));
    const allocations = new AllocationAggregate(heard('allocations'));
    const timers = new TimerAggregate(heard('timers'));
    const packets = new PacketAggregate(heard('packets'), keepPackets ?? false);
    for (const site of valuesOf === undefined ? [] : trace.sites) {
      const signature = site.name === valuesOf ? signatureOf(trace, symbols, site) : undefined;
      if (signature === undefined) continue;
      const { entry, exit } = this.values.watch(site, signature);
      this.entries[site.i] = both(this.entries[site.i], entry);
      this.exits[site.i] = both(this.exits[site.i], exit);
    }
    this.scheduler = new Scheduler(context);
    this.finishDomain = (end) => ({
      dma: dma.finish(),
      virtToPhys: virtToPhys.stats,
      softirqs: softirqs.finish(),
      napi: napi.finish(end),
      irqs: irqs.finish(end),
      mmio: mmio.finish(),
      paths: paths.finish(),
      locks: locks.finish(),
      allocations: allocations.finish(),
      timers: timers.finish(),
      packets: packets.packets,
      stacks: stacks.finish(),
      signs,
      dmaCosts: dma.costs(),
      removed: checks.removed,
    });
  }

  private context(symbols: Symbols): AggregateContext {
    const { trace, builder, handlers, entries, exits, plain } = this;
    const calls = new Map<string, number[]>();
    for (const { i, kind, name } of trace.sites) {
      if (kind === 'api') calls.set(name, [...(calls.get(name) ?? []), i]);
    }
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
        for (const i of calls.get(name) ?? []) {
          plain[i] = -1;
          if (entry !== undefined) entries[i] = both(entries[i], entry);
          if (exit !== undefined) exits[i] = both(exits[i], exit);
        }
      },
      onFunction(address, entry) {
        for (const { i, addr, kind } of trace.sites) {
          if (kind === 'api' || addr !== address) continue;
          entries[i] = both(entries[i], entry);
          // Whoever asks may have waited for an event to learn the address.
          plain[i] = -1;
        }
      },
      driverFunction(s, caller) {
        if (caller !== 0) {
          const symbol = symbols.find(caller);
          if (symbol !== undefined) return symbol.name;
        }
        for (let d = s.depth; d > 0; d--) {
          const frame = builder.frames.list[s.frame[d] as number];
          if (frame?.kind === 'driver') return frame.name;
        }
        return builder.frames.list[s.frame[s.depth] as number]?.name ?? '?';
      },
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
    const profile = builder.finish(metaOf(trace, title), this.finishDomain(end), end);
    const { overhead } = profile;
    // What was left out took its time all the same.
    const total = (overhead?.total ?? 0) + (filtered / 2) * (overhead?.pair ?? 0);
    return {
      ...profile,
      ...(overhead && { overhead: { ...overhead, total } }),
      lines: this.lines,
      callValues: this.values.finish(),
    };
  }
}

const isWindow = ({ from, to, thread }: TraceFilter): boolean =>
  from !== undefined || to !== undefined || thread !== undefined;

/** Says so in the title; and a mapping may have been made outside of the part that is looked at. */
function asPart(profile: Profile, filter: TraceFilter): Profile {
  const { from, to, thread, minDuration } = filter;
  const { dma } = profile.domain;
  const known = dma.faults.filter((f) => f.kind !== 'unmap-without-map' || !isWindow(filter));
  dma.faultCount -= dma.faults.length - known.length;
  dma.faults.splice(0, dma.faults.length, ...known);
  const seconds = (ns: number): string => `${(ns / 1e9).toFixed(6).replace(/0{1,5}$/, '')} s`;
  const parts = [
    ...(from === undefined ? [] : [`from ${seconds(from)}`]),
    ...(to === undefined ? [] : [`to ${seconds(to)}`]),
    ...(thread === undefined ? [] : ['some threads']),
    ...(minDuration === undefined ? [] : [`calls of at least ${minDuration / 1000} us`]),
  ];
  return { ...profile, meta: { ...profile.meta, title: `${profile.meta.title} (${parts.join(' ')})` } };
}

/** Reads the trace, or the part of it that a filter leaves. The trace stays open. */
export function profileFromTrace(whole: Trace, options: LoadOptions = {}): Profile {
  const filter = options.filter ?? {};
  const { minDuration } = filter;
  const part = isWindow(filter) ? filterTrace(whole, filter) : whole;
  const trace = minDuration === undefined ? part : withoutShortCalls(part, minDuration);
  const loader = new Loader(trace, options.timeline ?? true, options);
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
