// SPDX-License-Identifier: MIT
// Locks held for long by a thread that worked all the while: the runtime tells of each long hold (dde:lock_held), and the switches
// of the thread tell how much of it was sleep.

import type { ThreadView, TopicContext } from '../../read/index.js';

/** A mutex may be held while its owner sleeps for the device. But to work for so long with it is what a human notices. On a
 *  crowded host all times grow, and drivers that read an EEPROM bit by bit hold their lock for a tenth of a second; for 0.9 s were seen at 16 busy threads on 2 cores. */
const HELD_LONG = 2e9;
/** Switches away that are remembered of a thread: more than these in one hold of a lock is a sleeper anyway. */
const SWITCHES = 1 << 12;

export class LongHolds {
  /** By thread: when it gave the CPU away, and how long it had been without it before. */
  private readonly switches = new Map<number, { at: number[]; blocked: number[] }>();

  constructor(context: TopicContext) {
    const { nsPerTick } = context.trace;
    context.on('lock_held', (arg) => {
      const [caller, ticks] = [arg('caller'), arg('ticks')];
      return (s, t, b, i) => {
        const held = Math.round(ticks(b, i) * nsPerTick);
        const code = caller(b, i) - 1;
        if (held < HELD_LONG || context.lines.find(code) === undefined) return;
        const busy = this.switches.size === 0 ? 0 : held - this.blockedSince(s, t - held);
        if (busy < HELD_LONG) return;
        const place = { thread: s.index, node: s.here, code };
        context.incident({ kind: 'lock-held', at: t - held, for: busy, ...place, data: { held } });
      };
    });
    context.on('sched_switch', () => (s, t) => this.switched(s, t));
  }

  private switched(s: ThreadView, t: number): void {
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
  }

  /** How long a thread has been without the CPU since `from`. */
  private blockedSince(s: ThreadView, from: number): number {
    const of = this.switches.get(s.index);
    const first = of?.at.findIndex((at) => at >= from) ?? -1;
    return first < 0 ? 0 : s.blocked - (of?.blocked[first] as number);
  }
}
