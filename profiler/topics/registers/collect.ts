// SPDX-License-Identifier: MIT
// Accesses to device registers, and loops that read one register for long.

import type { Collector, ThreadView, TopicContext } from '../../read/index.js';
import { misuses } from '../misuse.js';
import { REGISTER_BINS, type RegisterStats } from './stats.js';

/** The same register read again and again for this long is a busy-wait worth telling. */
const BUSY_WAIT = 1e6;
const BUSY_READS = 16;
/** Reads further apart than this are no loop: an interrupt handler reads its cause register again and again, too. */
const BUSY_PAUSE = 200e3;

/** The BAR of an access that no device decodes (runtime/arch/dde/observe/registers.h); its offset is the address. */
const OUTSIDE = 0xff;

interface Loop {
  key: number;
  thread: number;
  node: number;
  since: number;
  last: number;
  reads: number;
  caller: number;
}

export class RegisterCollector implements Collector<RegisterStats[]> {
  private readonly registers = new Map<number, RegisterStats>();
  private readonly context: TopicContext;
  private readonly perNs: number;
  private readonly names: ReadonlyMap<number, string>;
  private loop: Loop = { key: -1, thread: -1, node: 0, since: 0, last: 0, reads: 0, caller: 0 };

  constructor(context: TopicContext) {
    this.context = context;
    this.perNs = REGISTER_BINS / Math.max(1, context.trace.duration + 1);
    this.names = registerNames(context.trace.metadata['registers']);
    for (const [event, space, write] of [
      ['mmio_read', 0, false],
      ['mmio_write', 0, true],
      ['pio_read', 1, false],
      ['pio_write', 1, true],
      ['config_read', 2, false],
      ['config_write', 2, true],
    ] as const) {
      context.on(event, (arg) => {
        const [offset, value, bar, bdf] = [arg('offset'), arg('value'), arg('bar'), arg('bdf')];
        const caller = arg('caller');
        return (s, t, b, i) => {
          if (bar(b, i) === OUTSIDE && !event.startsWith('config'))
            this.outside(s, t, offset(b, i), write, caller(b, i));
          const where = region(bdf(b, i), bar(b, i), space);
          this.access(s, t, where, offset(b, i), value(b, i), write, caller(b, i));
        };
      });
    }
    context.on('sched_switch', () => () => this.endLoop());
    misuses(context, { 14: 'unmapped-register', 19: 'bad-iounmap' } as const, (kind, { code, address, size }, s, t) => {
      const data = { address, write: size };
      context.incident({ kind, at: t, for: 0, thread: s.index, node: s.here, code, data });
    });
  }

  private outside(s: ThreadView, t: number, address: number, write: boolean, caller: number): void {
    this.context.incident({
      kind: 'outside-bar',
      at: t,
      for: 0,
      thread: s.index,
      node: s.here,
      code: caller - 1,
      data: { address, write: write ? 1 : 0 },
    });
  }

  private access(
    s: ThreadView,
    t: number,
    where: number,
    offset: number,
    value: number,
    write: boolean,
    caller: number,
  ): void {
    const key = where * 0x1_0000_0000 + offset;
    let r = this.registers.get(key);
    if (r === undefined) {
      r = {
        region: regionName(where),
        offset,
        reads: 0,
        writes: 0,
        lastValue: 0,
        overTime: new Uint32Array(REGISTER_BINS),
      };
      this.registers.set(key, r);
    }
    r.lastValue = value;
    const bin = Math.min(REGISTER_BINS - 1, Math.floor(t * this.perNs));
    r.overTime[bin] = (r.overTime[bin] as number) + 1;
    const { loop } = this;
    if (write) {
      r.writes++;
      this.endLoop();
      return;
    }
    r.reads++;
    if (loop.key === key && loop.thread === s.index && loop.node === s.here && t - loop.last < BUSY_PAUSE) {
      loop.reads++;
      loop.last = t;
      return;
    }
    this.endLoop();
    this.loop = { key, thread: s.index, node: s.here, since: t, last: t, reads: 1, caller };
  }

  private endLoop(): void {
    const { loop } = this;
    const length = loop.last - loop.since;
    if (loop.reads >= BUSY_READS && length >= BUSY_WAIT) {
      const register = this.registers.get(loop.key);
      this.context.incident({
        kind: 'busy-wait',
        at: loop.since,
        for: length,
        thread: loop.thread,
        node: loop.node,
        code: loop.caller - 1,
        data: {
          register: `${register?.region ?? ''} 0x${(register?.offset ?? 0).toString(16)}`,
          reads: loop.reads,
        },
      });
    }
    this.loop = { key: -1, thread: -1, node: 0, since: 0, last: 0, reads: 0, caller: 0 };
  }

  finish(): RegisterStats[] {
    this.endLoop();
    const all = [...this.registers.values()];
    const main = busiest(all);
    return all.map((r) => {
      const name = r.region === main ? this.names.get(r.offset) : undefined;
      return name === undefined ? r : { ...r, name };
    });
  }
}

/** A driver names the registers of one region; the others (MSI-X tables, flash) are left without a name. */
function busiest(registers: readonly RegisterStats[]): string {
  const sums = new Map<string, number>();
  for (const { region, reads, writes } of registers) {
    if (/ (bar|port)/.test(region)) sums.set(region, (sums.get(region) ?? 0) + reads + writes);
  }
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** From the trace's metadata: whatever stands there. */
function registerNames(list: unknown): Map<number, string> {
  const names = new Map<number, string>();
  if (!Array.isArray(list)) return names;
  for (const one of list as { offset?: unknown; name?: unknown }[]) {
    if (typeof one?.offset === 'number' && typeof one.name === 'string') names.set(one.offset, one.name);
  }
  return names;
}

/** 0x0020 -> 00:04.0 */
function address(bdf: number): string {
  const hex = (n: number): string => n.toString(16).padStart(2, '0');
  return `${hex(bdf >>> 8)}:${hex((bdf >>> 3) & 31)}.${bdf & 7}`;
}

const SPACES = ['bar', 'port', 'config'];

/** Function, address space and BAR in 21 bits. */
function region(bdf: number, bar: number, space: number): number {
  return bdf * 32 + space * 8 + (bar & 7);
}

function regionName(where: number): string {
  const space = (where >>> 3) & 3;
  return `${address(where >>> 5)} ${SPACES[space]}${space === 2 ? '' : where & 7}`;
}
