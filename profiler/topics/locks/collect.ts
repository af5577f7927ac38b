// SPDX-License-Identifier: MIT
// Locks, by the driver's calls: how long the call to take one lasted, how long it was held. (Spinlocks are no functions on a kernel
// with one CPU, but when CONFIG_DEBUG_SPINLOCK makes them some.) Contention and holds that the runtime itself reports count, too.

import { Histogram } from '../../model/index.js';
import type { Collector, Handler, ThreadView, TopicContext } from '../../read/index.js';
import { LongHolds } from './long-holds.js';
import type { LockStats } from './stats.js';

/** Returns void, 0 on success, or 1 on success. */
type Success = 'always' | 'zero' | 'one';

export const TAKE: Readonly<Record<string, Success>> = {
  mutex_lock: 'always',
  mutex_lock_nested: 'always',
  mutex_lock_io: 'always',
  mutex_lock_interruptible: 'zero',
  mutex_lock_killable: 'zero',
  mutex_trylock: 'one',
  down: 'always',
  down_interruptible: 'zero',
  down_killable: 'zero',
  down_trylock: 'zero',
  down_timeout: 'zero',
  down_read: 'always',
  down_write: 'always',
  down_read_interruptible: 'zero',
  down_write_killable: 'zero',
  down_read_trylock: 'one',
  down_write_trylock: 'one',
  rt_mutex_lock: 'always',
  rt_mutex_lock_interruptible: 'zero',
  rtnl_lock: 'always',
  rtnl_trylock: 'one',
  ww_mutex_lock: 'zero',
  ...Object.fromEntries(
    ['spin', 'read', 'write'].flatMap((kind) => [
      ...['', '_irq', '_irqsave', '_bh', '_nested', '_irqsave_nested'].map(
        (how) => [`_raw_${kind}_lock${how}`, 'always'] as const,
      ),
      ...['', '_bh'].map((how) => [`_raw_${kind}_trylock${how}`, 'one'] as const),
    ]),
  ),
};
export const GIVE = [
  ...['mutex_unlock', 'up', 'up_read', 'up_write', 'rt_mutex_unlock', 'rtnl_unlock', 'ww_mutex_unlock'],
  ...['spin', 'read', 'write'].flatMap((kind) =>
    ['', '_irq', '_irqrestore', '_bh'].map((how) => `_raw_${kind}_unlock${how}`),
  ),
];
/** Calls without an argument: their lock has no address that the call tells. */
const GLOBAL = /^rtnl_/;
const REMEMBERED = 1 << 14;

interface State extends LockStats {
  reported: Histogram;
}

/** A thread waits for a lock once at a time. */
function waiting(address: number, thread: number): number {
  return address * 0x1_0000 + thread;
}

interface Taking {
  readonly address: number;
  readonly at: number;
}

/** Who may hold it at a time: one thread; all readers, each for itself; several, and any thread may give it back. */
type Mode = 'exclusive' | 'shared' | 'counting';

interface Hold {
  readonly lock: State;
  readonly at: number;
  readonly thread: number;
  readonly mode: Mode;
}

function modeOf(call: string): Mode {
  if (/^(down_read|up_read|_raw_read_)/.test(call)) return 'shared';
  return /^(down(_interruptible|_killable|_trylock|_timeout)?|up)$/.test(call) ? 'counting' : 'exclusive';
}

/** Holders of one lock that are remembered: more are ends that were lost. */
const HOLDERS = 64;

export class LockCollector implements Collector<LockStats[]> {
  private readonly locks = new Map<string, State>();
  /** By thread: calls that try to take a lock. */
  private readonly taking: Taking[][] = [];
  /** By address, the oldest first. */
  private readonly held = new Map<number, Hold[]>();
  /** By address and thread. */
  private readonly contended = new Map<number, { lock: State; at: number }>();
  private readonly context: TopicContext;

  constructor(context: TopicContext) {
    this.context = context;
    for (const [name, success] of Object.entries(TAKE)) {
      context.onCall(name, this.take(GLOBAL.test(name)), this.taken(success, modeOf(name)));
    }
    for (const name of GIVE) context.onCall(name, this.give(GLOBAL.test(name), modeOf(name)));
    context.on('contention_begin', (arg) => {
      const [lock, caller] = [arg('lock'), arg('caller')];
      return (s, t, b, i) => {
        const state = this.lock(lock(b, i), s, caller(b, i));
        state.contended++;
        if (this.contended.size < REMEMBERED) this.contended.set(waiting(lock(b, i), s.index), { lock: state, at: t });
      };
    });
    context.on('contention_end', (arg) => {
      const lock = arg('lock');
      return (s, t, b, i) => {
        const key = waiting(lock(b, i), s.index);
        const from = this.contended.get(key);
        if (from === undefined) return;
        this.contended.delete(key);
        from.lock.contention.add(t - from.at);
      };
    });
    new LongHolds(context);
    const { nsPerTick } = context.trace;
    context.on('lock_held', (arg) => {
      const [lock, caller, ticks] = [arg('lock'), arg('caller'), arg('ticks')];
      return (s, _t, b, i) => {
        this.lock(lock(b, i), s, caller(b, i)).reported.add(Math.round(ticks(b, i) * nsPerTick));
      };
    });
  }

  private lock(address: number, s: ThreadView, caller: number): State {
    const fn = this.context.driverFunction(s, caller);
    const key = `${address} ${fn}`;
    let lock = this.locks.get(key);
    if (lock === undefined) {
      const [waitTime, holdTime, contention, reported] = [
        new Histogram(),
        new Histogram(),
        new Histogram(),
        new Histogram(),
      ];
      lock = {
        address,
        function: fn,
        node: s.here,
        taken: 0,
        refused: 0,
        contended: 0,
        contention,
        waitTime,
        holdTime,
        reported,
      };
      this.locks.set(key, lock);
    }
    return lock;
  }

  private take(global: boolean): Handler {
    return (s, t, b, i) => {
      const stack = this.taking[s.index] ?? [];
      this.taking[s.index] = stack;
      // Calls whose end was lost would stay for ever.
      if (stack.length > 64) stack.length = 0;
      stack.push({ address: global ? 0 : (b.arg[i] as number), at: t });
    };
  }

  private taken(success: Success, mode: Mode): Handler {
    return (s, t, b, i) => {
      const from = this.taking[s.index]?.pop();
      if (from === undefined) return;
      const lock = this.lock(from.address, s, 0);
      lock.waitTime.add(t - from.at);
      const result = (b.arg[i] as number) | 0;
      if (success === 'always' || (success === 'zero' ? result === 0 : result !== 0)) {
        lock.taken++;
        this.hold(from.address, { lock, at: t, thread: s.index, mode });
      } else lock.refused++;
    };
  }

  private hold(address: number, hold: Hold): void {
    const before = this.held.get(address);
    if (before === undefined && this.held.size >= REMEMBERED) return;
    // Whoever holds it alone, or held it so before, tells that the ends of other holds were lost.
    const alone = (h: Hold): boolean => hold.mode === 'exclusive' || h.mode === 'exclusive';
    const others = (before ?? []).filter((h) => !alone(h)).slice(1 - HOLDERS);
    this.held.set(address, [...others, hold]);
  }

  private give(global: boolean, mode: Mode): Handler {
    return (s, t, b, i) => {
      const address = global ? 0 : (b.arg[i] as number);
      const holds = this.held.get(address);
      if (holds === undefined) return;
      let at = holds.findLastIndex((h) => h.thread === s.index);
      // A reader gives back its own; the others' may come from another thread, and then it is the oldest.
      if (at < 0 && mode !== 'shared') at = 0;
      const [hold] = at < 0 ? [] : holds.splice(at, 1);
      if (holds.length === 0) this.held.delete(address);
      hold?.lock.holdTime.add(t - hold.at);
    };
  }

  finish(): LockStats[] {
    return [...this.locks.values()]
      .map(({ reported, ...lock }) =>
        lock.holdTime.count > 0 || reported.count === 0
          ? lock
          : { ...lock, taken: Math.max(lock.taken, reported.count), holdTime: reported },
      )
      .sort((a, b) => b.holdTime.sum - a.holdTime.sum || b.taken - a.taken);
  }
}
