// SPDX-License-Identifier: MIT
// Calls that may sleep, made where that is forbidden; functions of the driver that return without giving back a lock.

import type { TopicContext } from '../../read/index.js';
import { callSites } from '../call-site.js';
import { misuses } from '../misuse.js';

/** Bits of call_site's context (runtime/arch/dde/check/guard.c); the rest is preempt_count(). */
const IRQS_OFF = 0x4000_0000;
const MAY_SLEEP = 0x8000_0000;
const PREEMPT = 0xff;
const SOFTIRQ = 0xff00;
const SERVING_SOFTIRQ = 0x100;
const HARDIRQ = 0xf0000;

const LEFT = { 16: 'atomic-left', 17: 'lock-left', 27: 'lock-order' } as const;
const DELAY = { 24: 'long-delay' } as const;
const SINCE = { 26: 'since' } as const;

/** Nanoseconds. */
const SINCE_GOES_WITH = 1e6;

function contextText(context: number): string {
  if ((context & HARDIRQ) !== 0) return 'in a hardware interrupt';
  if ((context & SERVING_SOFTIRQ) !== 0) return 'in a softirq';
  if ((context & SOFTIRQ) !== 0) return 'with softirqs disabled';
  if ((context & IRQS_OFF) !== 0) return 'with interrupts disabled';
  return (context & PREEMPT) !== 0 ? 'with a spinlock held or preemption disabled' : 'in an atomic context';
}

export function hearAtomicSleeps(context: TopicContext): void {
  /** By thread: where its atomic context began, told just before the call that may sleep. */
  const since = new Map<number, { readonly code: number; readonly at: number }>();
  misuses(context, SINCE, (_, { code }, s, t) => since.set(s.index, { code, at: t }));
  callSites(context, ({ name, code, context: where }, s, t) => {
    if ((where & MAY_SLEEP) === 0 || (where & ~MAY_SLEEP) === 0) return;
    const began = since.get(s.index);
    since.delete(s.index);
    context.incident({
      kind: 'sleep-in-atomic',
      at: t,
      for: 0,
      thread: s.index,
      node: s.here,
      code,
      ...(began === undefined || t - began.at > SINCE_GOES_WITH
        ? {}
        : { also: { code: began.code, text: 'the atomic context began here' } }),
      data: { function: name, context: contextText(where) },
    });
  });
  misuses(context, DELAY, (kind, { code, address, size }, s, t) => {
    const data = { context: contextText(address), us: size };
    context.incident({ kind, at: t, for: size * 1000, thread: s.index, node: s.here, code, data });
  });
  misuses(context, LEFT, (kind, { code, earlier, address, size }, s, t) => {
    const by = earlier > 0 ? context.lines.find(earlier) : undefined;
    const text = kind === 'lock-order' ? 'the other order' : 'the function that returned';
    context.incident({
      kind,
      at: t,
      for: 0,
      thread: s.index,
      node: s.here,
      code,
      ...(kind === 'lock-left' || by === undefined ? {} : { also: { code: earlier, text } }),
      data: { address, irqsOff: size, by: by === undefined ? '' : `${by.file}:${by.line}` },
    });
  });
}
