// SPDX-License-Identifier: MIT
// Builds a Profile from entries, exits, switches and losses as they stream in, thread by thread.
//
// What it promises to everything behind it, whatever it is fed: time never runs back within a thread, calls nest,
// every opened frame is closed, and no call throws.
//
// Three clocks run for each call: `wall` from entry to exit; `stolen`, the part of it in which the thread did not have
// the virtual CPU or an interrupt ran on top of the call; and `total` = wall - stolen. An interrupt or softirq is a
// context of its own: in the call tree it hangs below the thread, not below what it happened to interrupt, so its time
// is nobody else's. The timeline keeps it where it happened.

import {
  type Accounting,
  CallTree,
  CallWords,
  CONTEXT_BASE,
  Counter,
  Flows,
  type FrameId,
  type FrameInfo,
  type FrameStats,
  FrameTable,
  type Gap,
  Histogram,
  type Incident,
  Instants,
  type Nanoseconds,
  type NodeId,
  type Profile,
  type ProfileMeta,
  SelfTimes,
  type Thread,
  type ThreadRole,
  type TopicResults,
  type TracerCost,
  type WordBudget,
} from '../model/index.js';
import type { CallSink } from './call-sink.js';
import { MAX_DEPTH, ThreadState } from './thread-state.js';

const NO_COST: TracerCost = { pair: 0, inner: 0, event: 0, args: 0 };
const NO_WORDS = new Uint32Array(0);

export interface BuilderOptions {
  /** Keep the calls in time order (8 bytes an event). Default true. */
  timeline?: boolean;
  /** Events kept in time order at most; what comes later is counted, but not drawn. Default 60 million (half a GB). */
  maxEvents?: number;
  /** Instants and flows kept at most. Default 2 million. */
  maxInstants?: number;
  /** Words of calls' arguments kept at most, with the timeline. Default 0: none. */
  maxWords?: number;
  /** The tracer's own cost. */
  cost?: TracerCost;
  /** Take it out of total and own times. */
  subtract?: boolean;
  /** Keep how the self times of each node's calls are spread, as a comparison needs. Default false. */
  selfTimes?: boolean;
  /** Told of each call. */
  sink?: CallSink;
}

/** Columns of events in time order, as the decoder gives them; `kind`: 1 entry, 2 exit. */
export interface CallColumns {
  readonly ts: Float64Array;
  readonly kind: Uint8Array;
  readonly id: Uint32Array;
  readonly flags: Uint8Array;
  readonly arg: Uint32Array;
  readonly payloadStart: Uint32Array;
  readonly payload: Uint32Array;
}

export class ProfileBuilder {
  readonly frames = new FrameTable();
  readonly tree: CallTree;
  readonly instants: Instants;
  readonly flows: Flows;
  readonly counters: Counter[] = [];
  readonly threads: ThreadState[] = [];
  readonly gaps: Gap[] = [];
  readonly accounting: Accounting = {
    produced: 0,
    recorded: 0,
    lost: 0,
    filtered: 0,
    unclosed: 0,
    orphanExits: 0,
    tooDeep: 0,
    backwards: 0,
    corrupt: 0,
  };
  readonly histograms: (Histogram | undefined)[] = [];
  readonly wallHistograms: (Histogram | undefined)[] = [];
  readonly selfTimes: SelfTimes | undefined;
  private readonly sink: CallSink | undefined;
  private keep: boolean;
  private readonly hasTimeline: boolean;
  private readonly maxEvents: number;
  private readonly budget: WordBudget;
  private timelineEnd = -1;
  private readonly blockedFrame: FrameId;
  private readonly runnableFrame: FrameId;
  private readonly idleFrame: FrameId;
  private readonly gapFrame: FrameId;
  private latest: Nanoseconds = 0;
  private readonly cost: TracerCost;
  private readonly known: boolean;
  private readonly subtract: boolean;
  private spent: Nanoseconds = 0;

  constructor(options: BuilderOptions = {}) {
    this.selfTimes = options.selfTimes === true ? new SelfTimes() : undefined;
    this.sink = options.sink;
    this.keep = options.timeline ?? true;
    this.hasTimeline = this.keep;
    this.known = options.cost !== undefined;
    this.cost = options.cost ?? NO_COST;
    this.subtract = options.subtract ?? false;
    this.budget = { left: options.maxWords ?? 0, dropped: 0 };
    this.maxEvents = options.maxEvents ?? 60_000_000;
    this.tree = new CallTree(this.frames.intern({ name: '(all)', kind: 'thread' }));
    this.blockedFrame = this.frames.intern({ name: '(blocked)', kind: 'blocked' });
    this.runnableFrame = this.frames.intern({ name: '(waiting for the CPU)', kind: 'blocked' });
    this.idleFrame = this.frames.intern({ name: '(idle)', kind: 'blocked' });
    this.gapFrame = this.frames.intern({ name: '(events lost)', kind: 'gap' });
    this.instants = new Instants(options.maxInstants ?? 2_000_000);
    this.flows = new Flows(options.maxInstants ?? 2_000_000);
  }

  thread(name: string, tid: number, role: ThreadRole): ThreadState {
    const index = this.threads.length;
    const frame = this.frames.intern({ name, kind: 'thread', file: `tid ${tid} #${index}` });
    const s = new ThreadState(index, this.tree.child(0, frame), frame, name, tid, role);
    this.threads.push(s);
    return s;
  }

  frame(info: FrameInfo): FrameId {
    return this.frames.intern(info);
  }

  counter(name: string, unit: string): Counter {
    const c = new Counter(name, unit);
    this.counters.push(c);
    return c;
  }

  /** Any event of the thread, whether or not it opens or closes something: moves its clock. */
  touch(s: ThreadState, time: Nanoseconds): Nanoseconds {
    const t = time > 0 ? time : 0;
    if (s.start < 0) {
      s.start = t;
      s.last = t;
      s.at[0] = t;
      if (this.keep) s.timeline.push(t, s.frame[0] as number);
    } else if (t < s.last) {
      this.accounting.backwards++;
      return s.last;
    }
    s.last = t;
    return t;
  }

  /** @param b the event i of it is the call's entry; undefined: no call, but what a pair of typed events opens */
  enter(s: ThreadState, time: Nanoseconds, frame: FrameId, b?: CallColumns, i = 0): NodeId {
    const t = this.touch(s, time);
    if (s.off) this.switchIn(s, t);
    const context = ((this.frames.flags[frame] as number) & CONTEXT_BASE) !== 0;
    if (context) this.closeSameContext(s, t, frame);
    let d = s.depth;
    if (d >= MAX_DEPTH) {
      s.over++;
      this.accounting.tooDeep++;
      return s.node[d] as number;
    }
    const node = this.tree.child(context ? s.root : (s.node[d] as number), frame);
    s.depth = ++d;
    s.frame[d] = frame;
    s.node[d] = node;
    s.at[d] = t;
    s.child[d] = 0;
    s.stolen[d] = 0;
    s.cost[d] = 0;
    s.calls++;
    if (this.keep) s.timeline.push(t, frame);
    this.sink?.opened(s, d, b, i);
    return node;
  }

  /** A typed event was recorded where the thread stands now. */
  chargeEvent(s: ThreadState): void {
    s.cost[s.depth] = (s.cost[s.depth] as number) + this.cost.event;
    this.spent += this.cost.event;
  }

  /** The call that has just been opened had arguments recorded: behind its time stamp, so within itself. */
  chargeArguments(s: ThreadState): void {
    s.cost[s.depth] = (s.cost[s.depth] as number) + this.cost.args;
    this.spent += this.cost.args;
  }

  /** The arguments of the call that enter() has just opened: the first word, and n more from `more[from]` on. */
  callWords(s: ThreadState, first: number, more: Uint32Array, from: number, n: number): void {
    if (this.keep && s.over === 0) this.keepWords(s, first, more, from, n);
  }

  /** What the call returned that leave() has just closed. */
  returnWord(s: ThreadState, value: number): void {
    if (this.keep) this.keepWords(s, value, NO_WORDS, 0, 0);
  }

  private keepWords(s: ThreadState, first: number, more: Uint32Array, from: number, n: number): void {
    s.words ??= new CallWords(this.budget);
    s.words.add(s.timeline.length - 1, first, more, from, n);
  }

  /** Returns the node left, or -1 when no such call was open. */
  leave(s: ThreadState, time: Nanoseconds, frame: FrameId): NodeId {
    const t = this.touch(s, time);
    if (s.off) this.switchIn(s, t);
    if (s.over > 0) {
      s.over--;
      return -1;
    }
    const d = s.depth;
    if (s.frame[d] !== frame || d === 0) {
      const k = this.findOpen(s, frame);
      if (k < 1) {
        this.accounting.orphanExits++;
        return -1;
      }
      this.closeTo(s, t, k);
    }
    return this.pop(s, t);
  }

  /**
   * Takes calls and returns in a row, as enter() and leave() would, until one comes that is anything else than a call of a known
   * node or the return from the innermost frame. Almost all events of a recording go through here.
   * @param to the end of the row of events
   * @param frameOf by site; -1 = not to be taken
   * @returns the first event not taken
   */
  calls(s: ThreadState, b: CallColumns, from: number, to: number, frameOf: Int32Array): number {
    if (this.subtract || this.selfTimes !== undefined || s.start < 0 || s.off || s.over > 0) return from;
    const { ts, kind, id, flags, payloadStart } = b;
    const { frame, node, at, child, stolen, cost } = s;
    const { tree, keep, histograms, wallHistograms, sink } = this;
    const { firstChild, nextSibling, frame: frameAt, calls, wall, total, self } = tree;
    const isCall = this.frames.calls;
    const timeline = s.timeline;
    let last = s.last;
    let d = s.depth;
    let [entered, withArguments, left] = [0, 0, 0];
    let i = from;
    for (; i < to; i++) {
      const t = Math.floor(ts[i] as number);
      const f = frameOf[id[i] as number] as number;
      const k = kind[i] as number;
      if (!(f >= 0) || t < last || k > 2) break;
      if (k === 1) {
        if (d >= MAX_DEPTH) break;
        let n = firstChild[node[d] as number] as number;
        while (n !== 0 && frameAt[n] !== f) n = nextSibling[n] as number;
        if (n === 0) break;
        d++;
        frame[d] = f;
        node[d] = n;
        at[d] = t;
        child[d] = 0;
        stolen[d] = 0;
        cost[d] = 0;
        entered++;
        if ((payloadStart[i] as number) > 0) withArguments++;
        if (keep) timeline.push(t, f);
        if (sink !== undefined) sink.opened(s, d, b, i);
      } else {
        const h = histograms[f];
        if (d === 0 || frame[d] !== f || flags[i] !== 0 || h === undefined) break;
        const n = node[d] as number;
        const whole = t - (at[d] as number);
        const off = stolen[d] as number;
        const own = whole - off;
        const w = wallHistograms[f];
        if (w !== undefined) w.add(whole);
        else if (off > 0) break;
        calls[n] = (calls[n] as number) + 1;
        wall[n] = (wall[n] as number) + whole;
        total[n] = (total[n] as number) + own;
        self[n] = (self[n] as number) + own - (child[d] as number);
        if (sink !== undefined) {
          sink.closed(s, d, whole, off, child[d] as number);
          sink.returned(b.arg[i] as number);
        }
        d--;
        child[d] = (child[d] as number) + own;
        stolen[d] = (stolen[d] as number) + off;
        left += isCall[f] as number;
        h.add(own);
        if (keep) timeline.push(t, ~f);
      }
      last = t;
    }
    s.depth = d;
    s.last = last;
    s.calls += entered;
    this.spent += left * this.cost.pair + withArguments * this.cost.args;
    return i;
  }

  /** The thread gives the virtual CPU away; `runnable`: it would have gone on (preempted, yielded). */
  switchOut(s: ThreadState, time: Nanoseconds, runnable = false): void {
    const t = this.touch(s, time);
    if (s.off) return;
    this.pushOff(s, t, runnable ? this.runnableFrame : this.blockedFrame);
    s.switches++;
  }

  /** The virtual CPU waits for something to do; any event of the thread ends it, as does switchIn. */
  idle(s: ThreadState, time: Nanoseconds): void {
    const t = this.touch(s, time);
    if (!s.off) this.pushOff(s, t, this.idleFrame);
  }

  private pushOff(s: ThreadState, t: Nanoseconds, frame: FrameId): void {
    const d = ++s.depth;
    s.frame[d] = frame;
    s.node[d] = this.tree.child(s.node[d - 1] as number, frame);
    s.at[d] = t;
    s.child[d] = 0;
    s.stolen[d] = 0;
    s.call[d] = s.call[d - 1] as number;
    s.off = true;
    if (this.keep) s.timeline.push(t, frame);
  }

  switchIn(s: ThreadState, time: Nanoseconds): void {
    const t = this.touch(s, time);
    if (!s.off) return;
    s.off = false;
    s.blocked += t - (s.at[s.depth] as number);
    this.pop(s, t);
  }

  /** Events of this thread were lost between two times: nothing that was open is known to be open any more. */
  gap(s: ThreadState, from: Nanoseconds, to: Nanoseconds, lost: number): void {
    const start = this.touch(s, from);
    if (s.off) this.switchIn(s, start);
    this.closeTo(s, start, 0);
    s.over = 0;
    const end = Math.max(start, to);
    const d = ++s.depth;
    s.frame[d] = this.gapFrame;
    s.node[d] = this.tree.child(s.root, this.gapFrame);
    s.at[d] = start;
    s.child[d] = 0;
    s.stolen[d] = 0;
    if (this.keep) s.timeline.push(start, this.gapFrame);
    s.last = end;
    this.pop(s, end);
    this.gaps.push({ thread: s.index, start, end, lost });
  }

  exitThread(s: ThreadState, time: Nanoseconds): void {
    const t = this.touch(s, time);
    s.exited = true;
    if (t > this.latest) this.latest = t;
  }

  /** Ends the timelines when they hold as much as they may: call it now and then. */
  boundTimeline(t: Nanoseconds): void {
    if (!this.keep) return;
    let events = 0;
    for (const s of this.threads) events += s.timeline.length;
    if (events < this.maxEvents) return;
    this.keep = false;
    this.timelineEnd = t;
    for (const s of this.threads) {
      if (s.start < 0) continue;
      this.timelineEnd = Math.max(this.timelineEnd, s.last);
    }
    for (const s of this.threads) {
      if (s.start < 0) continue;
      for (let d = s.depth; d >= 0; d--) s.timeline.push(this.timelineEnd, ~(s.frame[d] as number));
    }
  }

  /** True while a hard interrupt runs on the thread. */
  inHardirq(s: ThreadState): boolean {
    for (let k = s.depth; k > 0; k--) if (this.frames.list[s.frame[k] as number]?.kind === 'irq') return true;
    return false;
  }

  private findOpen(s: ThreadState, frame: FrameId): number {
    for (let k = s.depth; k > 0; k--) {
      if (s.frame[k] === frame) return k;
      if (((this.frames.flags[s.frame[k] as number] as number) & CONTEXT_BASE) !== 0) return -1;
    }
    return -1;
  }

  /** Neither hard interrupts nor softirqs nest in their like: a second one means that the end of the first was lost. */
  private closeSameContext(s: ThreadState, t: Nanoseconds, frame: FrameId): void {
    const kind = this.frames.list[frame]?.kind;
    for (let k = s.depth; k > 0; k--) {
      const open = s.frame[k] as number;
      if (((this.frames.flags[open] as number) & CONTEXT_BASE) === 0) continue;
      if (this.frames.list[open]?.kind === kind) {
        this.closeTo(s, t, k - 1);
        s.over = 0;
        return;
      }
    }
  }

  private closeTo(s: ThreadState, t: Nanoseconds, depth: number): void {
    while (s.depth > depth) {
      this.accounting.unclosed++;
      this.pop(s, t);
    }
  }

  private pop(s: ThreadState, t: Nanoseconds): NodeId {
    const d = s.depth;
    const frame = s.frame[d] as number;
    const node = s.node[d] as number;
    const wall = t - (s.at[d] as number);
    const stolen = s.stolen[d] as number;
    const tree = this.tree;
    const flags = this.frames.flags[frame] as number;
    tree.calls[node] = (tree.calls[node] as number) + 1;
    tree.wall[node] = (tree.wall[node] as number) + wall;
    if (this.keep) s.timeline.push(t, ~frame);
    s.depth = d - 1;
    if (flags > CONTEXT_BASE) {
      s.stolen[d - 1] = (s.stolen[d - 1] as number) + wall;
      this.sink?.away(s, frame, s.at[d] as number, wall);
      return node;
    }
    this.sink?.closed(s, d, wall, stolen, s.child[d] as number);
    let total = wall - stolen;
    const call = (this.frames.calls[frame] as number) === 1;
    if (call) this.spent += this.cost.pair;
    if (this.subtract) {
      const spent = s.cost[d] as number;
      total = Math.max(0, total - spent - (call ? this.cost.inner : 0));
      // An interrupt's whole time is already no time of what it interrupted.
      if (flags === 0) s.cost[d - 1] = (s.cost[d - 1] as number) + spent + (call ? this.cost.pair : 0);
    }
    tree.total[node] = (tree.total[node] as number) + total;
    const self = total - (s.child[d] as number);
    tree.self[node] = (tree.self[node] as number) + self;
    if (this.selfTimes !== undefined) this.selfTimes.add(node, self);
    if (flags === 0) {
      s.child[d - 1] = (s.child[d - 1] as number) + total;
      s.stolen[d - 1] = (s.stolen[d - 1] as number) + stolen;
    } else {
      s.stolen[d - 1] = (s.stolen[d - 1] as number) + wall;
      s.contextTotal += total;
    }
    this.measure(frame, total, stolen, wall);
    return node;
  }

  private measure(frame: FrameId, total: Nanoseconds, stolen: Nanoseconds, wall: Nanoseconds): void {
    let h = this.histograms[frame];
    if (h === undefined) {
      h = new Histogram();
      while (this.histograms.length <= frame) {
        this.histograms.push(undefined);
        this.wallHistograms.push(undefined);
      }
      this.histograms[frame] = h;
    }
    const w = this.wallHistograms[frame];
    if (w !== undefined) w.add(wall);
    else if (stolen > 0) {
      const first = h.copy();
      first.add(wall);
      this.wallHistograms[frame] = first;
    }
    h.add(total);
  }

  /** Closes everything and hands the profile over; the builder must not be used afterwards. */
  finish(meta: ProfileMeta, topics: TopicResults, incidents: readonly Incident[], end: Nanoseconds = 0): Profile {
    for (const s of this.threads) if (s.last > this.latest) this.latest = s.last;
    const last = Math.max(this.latest, end);
    const threads = this.threads.map((s) => this.finishThread(s, last));
    let busy = 0;
    for (const t of threads) busy += t.onCpu - (t.role === 'idle' ? (this.tree.self[t.node] as number) : 0);
    return {
      meta,
      duration: last,
      busy,
      frames: this.frames,
      threads,
      tree: this.tree,
      stats: frameStats(this.tree, this.frames.size),
      histograms: this.histograms,
      wallHistograms: this.wallHistograms,
      instants: this.instants,
      counters: this.counters,
      flows: this.flows,
      gaps: this.gaps,
      accounting: this.accounting,
      topics,
      incidents,
      ...(this.selfTimes === undefined ? {} : { selfTimes: this.selfTimes }),
      hasTimeline: this.hasTimeline,
      droppedArguments: this.budget.dropped,
      ...(this.known && { overhead: { ...this.cost, total: this.spent, subtracted: this.subtract } }),
      timelineEnd: this.timelineEnd >= 0 ? this.timelineEnd : last,
    };
  }

  private finishThread(s: ThreadState, last: Nanoseconds): Thread {
    const seen = s.start >= 0;
    const end = seen ? (s.exited ? s.last : last) : 0;
    if (seen) {
      if (s.off) this.switchIn(s, end);
      this.closeTo(s, end, 0);
      this.closeRoot(s, end);
    }
    return {
      index: s.index,
      tid: s.tid,
      name: s.name,
      role: s.role,
      node: s.root,
      start: seen ? s.start : 0,
      end,
      onCpu: this.tree.total[s.root] as number,
      blocked: s.blocked,
      switches: s.switches,
      calls: s.calls,
      timeline: s.timeline,
      ...(s.words === undefined ? {} : { words: s.words }),
    };
  }

  private closeRoot(s: ThreadState, end: Nanoseconds): void {
    const wall = end - s.start;
    const own = Math.max(0, wall - (s.stolen[0] as number) - (this.subtract ? (s.cost[0] as number) : 0));
    const tree = this.tree;
    tree.calls[s.root] = 1;
    tree.wall[s.root] = wall;
    tree.total[s.root] = own + s.contextTotal;
    tree.self[s.root] = own - (s.child[0] as number);
    if (this.keep) s.timeline.push(end, ~(s.frame[0] as number));
  }
}

/** Sums by frame; a frame that calls itself is counted once in `total` and `wall`. */
function frameStats(tree: CallTree, frames: number): FrameStats {
  const calls = new Float64Array(frames);
  const total = new Float64Array(frames);
  const self = new Float64Array(frames);
  const wall = new Float64Array(frames);
  for (let n = 0; n < tree.size; n++) {
    const f = tree.frame[n] as number;
    calls[f] = (calls[f] as number) + (tree.calls[n] as number);
    self[f] = (self[f] as number) + (tree.self[n] as number);
    if (tree.recursive[n] === 1) continue;
    total[f] = (total[f] as number) + (tree.total[n] as number);
    wall[f] = (wall[f] as number) + (tree.wall[n] as number);
  }
  return { calls, total, self, wall };
}
