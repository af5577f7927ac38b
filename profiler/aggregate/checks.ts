// SPDX-License-Identifier: MIT
// What the runtime noticed by itself (category `check`): sleeping where that is forbidden, timers and work that outlive the
// driver, leaks, misuse of DMA memory, locks held for long. Each event brings the driver's call site.

import type { Sign, SignKind, ThreadState } from '../model/index.js';
import type { AggregateContext } from './context.js';

/** Bits of call_site's context (arch/dde/check/guard.c); the rest is preempt_count(). */
const IRQS_OFF = 0x4000_0000;
const MAY_SLEEP = 0x8000_0000;
const PREEMPT = 0xff;
const SOFTIRQ = 0xff00;
const SERVING_SOFTIRQ = 0x100;
const HARDIRQ = 0xf0000;
/** A mutex may be held while its owner sleeps for the device. But to work for so long with it is what a human notices. On a
 *  crowded host all times grow, and drivers that read an EEPROM bit by bit hold their lock for a tenth of a second; for 0.9 s were seen at 16 busy threads on 2 cores. */
const HELD_LONG = 2e9;
/** Switches away that are remembered of a thread: more than these in one hold of a lock is a sleeper anyway. */
const SWITCHES = 1 << 12;

const LEAKS: readonly (SignKind | undefined)[] = [
  undefined,
  undefined,
  'irq-leak',
  'memory-leak',
  'region-leak',
  'ioremap-leak',
  'page-leak',
  'skb-leak',
  'netdev-leak',
];
const MISUSES: readonly (SignKind | undefined)[] = [
  undefined,
  'dma-error-unchecked',
  'dma-cpu-write',
  'dma-sync-missing',
  'kernel-warning',
  'dma-device-sync-missing',
];
const BIND = { bind: 0, failed: 2, unbound: 4 } as const;

interface Armed {
  readonly at: number;
  readonly thread: number;
  readonly node: number;
  readonly code: number;
  readonly name: string;
}

function contextText(context: number): string {
  if ((context & HARDIRQ) !== 0) return 'in a hardware interrupt';
  if ((context & SERVING_SOFTIRQ) !== 0) return 'in a softirq';
  if ((context & SOFTIRQ) !== 0) return 'with softirqs disabled';
  if ((context & IRQS_OFF) !== 0) return 'with interrupts disabled';
  return (context & PREEMPT) !== 0 ? 'with a spinlock held or preemption disabled' : 'in an atomic context';
}

export class ChecksAggregate {
  /** By interrupt: the code address from which it was disabled last. */
  readonly disabledBy = new Map<number, number>();
  private readonly context: AggregateContext;
  private readonly signs: Sign[];
  /** Timers and work items of the driver that will fire, and where they were armed last. */
  private readonly timers = new Map<number, Armed>();
  private readonly works = new Map<number, Armed>();
  private readonly armedAt = new Map<number, number>();
  private readonly driverFunctions: Set<number>;
  /** By thread: when it gave the CPU away, and how long it had been without it before. */
  private readonly switches = new Map<number, { at: number[]; blocked: number[] }>();
  private bound = 0;
  private wasUnbound = false;
  private tells = false;

  constructor(context: AggregateContext, signs: Sign[]) {
    this.context = context;
    this.signs = signs;
    this.driverFunctions = new Set(context.trace.sites.filter((s) => s.kind === 'driver').map((s) => s.addr));
    this.onCallSite();
    this.onTimers();
    this.onReports();
    this.onSwitches();
    context.on('bind', (arg) => {
      const state = arg('state');
      return (_s, _t, b, i) => this.bind(state(b, i));
    });
  }

  /** The driver was bound and is not any more; a remove that has not returned has not happened. Null: nothing tells (older files). */
  get removed(): boolean | null {
    return this.tells ? this.wasUnbound && this.bound === 0 : null;
  }

  private onCallSite(): void {
    this.context.on('call_site', (arg) => {
      const [caller, fn, object, context] = [arg('caller'), arg('function'), arg('object'), arg('context')];
      return (s, t, b, i) => {
        const name = this.context.symbols.name(fn(b, i)).replace(/^__(wrap|ddeguard)_/, '');
        const code = caller(b, i) - 1;
        const where = context(b, i);
        const atomic = (where & ~MAY_SLEEP) !== 0;
        if ((where & MAY_SLEEP) !== 0 && atomic) {
          this.sign('sleep-in-atomic', s, t, code, { function: name, context: contextText(where) });
        }
        this.calls(name, s, t, object(b, i), code);
      };
    });
  }

  private calls(name: string, s: ThreadState, t: number, object: number, code: number): void {
    if (/^disable_irq/.test(name)) this.disabledBy.set(object, code);
    else if (/^(enable|free)_irq$/.test(name)) this.disabledBy.delete(object);
    else if (/^(queue|mod)_(delayed_)?work/.test(name)) {
      this.works.set(object, { at: t, thread: s.index, node: s.here, code, name });
      if (this.removed) this.after(s, t, { at: t, thread: s.index, node: s.here, code, name }, 'armed');
    } else if (/^cancel_(delayed_)?work/.test(name)) this.works.delete(object);
    else if (/^(add|mod)_timer|^hrtimer_start/.test(name)) this.armedAt.set(object, code);
  }

  private onTimers(): void {
    for (const [prefix, key] of [
      ['timer', 'timer'],
      ['hrtimer', 'hrtimer'],
    ] as const) {
      this.context.on(`${prefix}_start`, (arg) => {
        const [timer, fn] = [arg(key), arg('function')];
        return (s, t, b, i) => {
          const address = fn(b, i);
          if (!this.driverFunctions.has(address)) return;
          const code = this.armedAt.get(timer(b, i)) ?? 0;
          const name = this.context.symbols.name(address);
          const armed = { at: t, thread: s.index, node: s.here, code, name };
          this.timers.set(timer(b, i), armed);
          if (this.removed) this.after(s, t, armed, 'armed');
        };
      });
      this.context.on(`${prefix}_cancel`, (arg) => {
        const timer = arg(key);
        return (_s, _t, b, i) => void this.timers.delete(timer(b, i));
      });
      this.context.on(`${prefix}_expire_entry`, (arg) => {
        const timer = arg(key);
        return (_s, _t, b, i) => void this.timers.delete(timer(b, i));
      });
    }
    this.context.on('workqueue_execute_start', (arg) => {
      const work = arg('work');
      return (_s, _t, b, i) => void this.works.delete(work(b, i));
    });
  }

  private onReports(): void {
    this.context.on('leak', (arg) => {
      const [kind, caller, addr, size] = [arg('kind'), arg('caller'), arg('addr'), arg('size')];
      return (s, t, b, i) => {
        const sign = LEAKS[kind(b, i)];
        if (sign !== undefined) this.sign(sign, s, t, caller(b, i) - 1, { object: addr(b, i), size: size(b, i) });
      };
    });
    this.context.on('misuse', (arg) => {
      const [kind, caller, first] = [arg('kind'), arg('caller'), arg('first')];
      const [addr, size] = [arg('addr'), arg('size')];
      return (s, t, b, i) => {
        const sign = MISUSES[kind(b, i)];
        if (sign === undefined) return;
        // A mapping that failed unseen is the fault of who made it, not of who used it.
        const [at, other] = [caller(b, i) - 1, first(b, i) - 1];
        const code = sign === 'dma-error-unchecked' ? other : at;
        const also = sign === 'dma-error-unchecked' ? at : other;
        this.sign(sign, s, t, code, { address: addr(b, i), size: size(b, i), also });
      };
    });
    const { nsPerTick } = this.context.trace;
    this.context.on('lock_held', (arg) => {
      const [caller, ticks] = [arg('caller'), arg('ticks')];
      return (s, t, b, i) => {
        const held = Math.round(ticks(b, i) * nsPerTick);
        const code = caller(b, i) - 1;
        if (held < HELD_LONG || this.context.lines.find(code) === undefined) return;
        const busy = this.switches.size === 0 ? 0 : held - this.blockedSince(s, t - held);
        if (busy < HELD_LONG) return;
        this.signs.push({
          kind: 'lock-held',
          at: t - held,
          for: busy,
          thread: s.index,
          node: s.here,
          code,
          data: { held },
        });
      };
    });
  }

  private onSwitches(): void {
    this.context.on('sched_switch', () => (s, t) => {
      let of = this.switches.get(s.index);
      if (of === undefined) {
        of = { at: [], blocked: [] };
        this.switches.set(s.index, of);
      }
      of.at.push(t);
      of.blocked.push(s.blocked);
      if (of.at.length < 2 * SWITCHES) return;
      of.at.splice(0, SWITCHES);
      of.blocked.splice(0, SWITCHES);
    });
  }

  /** How long a thread has been without the CPU since `from`. */
  private blockedSince(s: ThreadState, from: number): number {
    const of = this.switches.get(s.index);
    const first = of?.at.findIndex((at) => at >= from) ?? -1;
    return first < 0 ? 0 : s.blocked - (of?.blocked[first] as number);
  }

  private bind(state: number): void {
    this.tells = true;
    if (state === BIND.bind) {
      this.bound++;
      this.wasUnbound = false;
    }
    if (state !== BIND.unbound && state !== BIND.failed) return;
    this.bound = Math.max(0, this.bound - 1);
    if (this.bound > 0) return;
    this.wasUnbound = true;
    // A probe that gave up may be tried again (-EPROBE_DEFER): what it armed is judged only after a remove.
    if (state === BIND.failed) return;
    for (const armed of this.timers.values()) this.after(undefined, armed.at, armed, 'pending');
    for (const armed of this.works.values()) this.after(undefined, armed.at, armed, 'pending');
    this.timers.clear();
    this.works.clear();
  }

  private after(s: ThreadState | undefined, t: number, armed: Armed, how: string): void {
    this.signs.push({
      kind: 'timer-after-remove',
      at: t,
      for: 0,
      thread: s?.index ?? armed.thread,
      node: s?.here ?? armed.node,
      code: armed.code,
      data: { function: armed.name, how },
    });
  }

  private sign(kind: SignKind, s: ThreadState, t: number, code: number, data: Sign['data']): void {
    this.signs.push({ kind, at: t, for: 0, thread: s.index, node: s.here, code, data });
  }
}
