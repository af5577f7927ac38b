// SPDX-License-Identifier: MIT
// Findings from the signs that the aggregates put down as events went by.

import type { Profile, Sign, SignKind } from '../model/index.js';
import { functionAt } from './dma.js';
import { type Check, evidence, type Finding, lossWithin, type Severity, SHOWN } from './finding.js';

const ms = (ns: number): string => `${(ns / 1e6).toFixed(ns < 1e5 ? 3 : 1)} ms`;

interface Rule {
  readonly severity: Severity;
  /** Signs with the same key are one finding. */
  key(profile: Profile, s: Sign): string;
  title(profile: Profile, s: Sign): string;
  text(s: Sign): string;
  readonly hint: string;
  /** Draws its conclusion from an event that did not come. */
  readonly fromAbsence: boolean;
}

const RULES: Record<SignKind, Rule> = {
  'napi-stalled': {
    severity: 'error',
    key: (_, s) => String(s.data['poll']),
    title: (_, s) =>
      `NET_RX returned without raising itself again although ${s.data['poll']} was still scheduled: no poll for ${ms(s.for)}`,
    text: (s) => `the softirq returned; the next poll came ${ms(s.for)} later or not at all`,
    hint: 'a poll that used up its budget must be polled again: the softirq has to be raised before it returns (net_rx_action does), and the wake-up of ksoftirqd must not be lost',
    fromAbsence: true,
  },
  'napi-not-completed': {
    severity: 'error',
    key: (_, s) => String(s.data['poll']),
    title: (_, s) =>
      `${s.data['poll']} returned less than its budget without napi_complete_done(): no poll for ${ms(s.for)}`,
    text: (s) => `poll did ${s.data['work']} of ${s.data['budget']} and did not complete`,
    hint: 'a poll that returns less than its budget must call napi_complete_done() and enable its interrupt; one that has work left must return the budget',
    fromAbsence: true,
  },
  'busy-wait': {
    severity: 'warning',
    key: (p, s) => `${functionAt(p, s.node)} ${s.data['register']}`,
    title: (p, s) =>
      `${functionAt(p, s.node)} polled register ${s.data['register']} for ${ms(s.for)} without giving up the CPU`,
    text: (s) => `${s.data['reads']} reads in ${ms(s.for)}`,
    hint: 'sleep between the reads (usleep_range, read_poll_timeout) where sleeping is allowed, or use an interrupt',
    fromAbsence: false,
  },
  'irq-storm': {
    severity: 'error',
    key: (_, s) => String(s.data['irq']),
    title: (_, s) => `interrupt storm on irq ${s.data['irq']} (${s.data['handler']}): ${s.data['perMs']} a millisecond`,
    text: (s) => `${s.data['perMs']} handlers a millisecond for ${ms(s.for)}`,
    hint: 'the cause is not cleared or the line not masked while the softirq works; check the interrupt cause and mask registers',
    fromAbsence: false,
  },
  'irq-unclaimed': {
    severity: 'warning',
    key: (_, s) => String(s.data['irq']),
    title: (_, s) =>
      `${s.data['handler']} (irq ${s.data['irq']}) claimed none of ${s.data['inARow']} interrupts in a row`,
    text: (s) => `${s.data['inARow']} times IRQ_NONE`,
    hint: 'the handler must return IRQ_HANDLED for its own interrupts, or the kernel switches the line off after 99,900 of them',
    fromAbsence: false,
  },
  'irq-left-masked': {
    severity: 'error',
    key: (_, s) => String(s.data['irq']),
    title: (_, s) =>
      `irq ${s.data['irq']} (${s.data['handler']}) stayed masked for ${ms(s.for)} while the device signalled it`,
    text: (s) => `masked here; ${s.data['signals']} signals in the ${ms(s.for)} that followed`,
    hint: 'enable the interrupt again on every path out of the poll (disable_irq and enable_irq must pair)',
    fromAbsence: true,
  },
  'timer-after-remove': {
    severity: 'error',
    key: (p, s) => functionAt(p, s.node),
    title: (_, s) => `${s.data['function']} was armed after the driver was removed`,
    text: () => 'armed here',
    hint: 'del_timer_sync() or cancel_work_sync() in remove, and no arming after it',
    fromAbsence: false,
  },
};

export const fromSigns: Check = (profile) => {
  const groups = new Map<string, Sign[]>();
  for (const s of profile.domain.signs) {
    const rule = RULES[s.kind];
    if (rule.fromAbsence && lossWithin(profile, s.at, s.at + s.for)) continue;
    const key = `${s.kind} ${rule.key(profile, s)}`;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [s]);
    else list.push(s);
  }
  return [...groups.values()].map((list): Finding => {
    const worst = list.reduce((a, b) => (b.for > a.for ? b : a));
    const rule = RULES[worst.kind];
    const shown = [worst, ...list.filter((s) => s !== worst)].slice(0, SHOWN);
    return {
      kind: worst.kind,
      severity: rule.severity,
      title: rule.title(profile, worst),
      hint: rule.hint,
      count: list.length,
      evidence: shown.map((s) => evidence(profile, s.at, s.thread, s.node, rule.text(s))),
    };
  });
};
