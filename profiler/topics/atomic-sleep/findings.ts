// SPDX-License-Identifier: MIT
import { milliseconds } from '../../show/index.js';
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

export const atomicSleepRules: Readonly<Record<string, Rule>> = {
  'sleep-in-atomic': {
    severity: 'error',
    key: (p, one) => `${one.data['function']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) =>
      `${functionAt(p, one.node)} called ${one.data['function']}, which may sleep, ${one.data['context']}`,
    text: (one) => `${one.data['function']} called ${one.data['context']}`,
    hint: 'use what does not sleep (GFP_ATOMIC, udelay, a spinlock), or leave it to a work item or a threaded handler',
    fromAbsence: false,
  },
  'long-delay': {
    severity: 'warning',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) =>
      `${functionAt(p, one.node)} waited busily for more than ${milliseconds(one.for)} ${one.data['context']}`,
    text: (one) => `${milliseconds(one.for)} of udelay() or mdelay() here so far, ${one.data['context']}`,
    hint: 'nothing else runs meanwhile, on this CPU: wait with msleep() in a work item or a threaded handler, or start a timer',
    fromAbsence: false,
  },
  'atomic-left': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) =>
      `a function of the driver returned with ${one.data['irqsOff'] === 1 ? 'interrupts' : 'preemption'} off`,
    text: (one) => `preempt_count 0x${Number(one.data['address']).toString(16)} when it returned`,
    hint: 'a spinlock, rcu_read_lock(), get_cpu() or local_irq_save() without its counterpart, often on an error path',
    fromAbsence: false,
  },
  'lock-order': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} took two locks in the other order than elsewhere`,
    text: (one) =>
      `the second lock is taken here${one.data['by'] === '' ? '' : `; it is held when the first is taken at ${one.data['by']}`}`,
    hint: 'two threads that meet there wait for each other for ever: take them in the same order everywhere',
    fromAbsence: false,
  },
  'lock-left': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'a lock was still held when the function of the driver returned',
    text: (one) => `taken here${one.data['by'] === '' ? '' : `, returned by the function at ${one.data['by']}`}`,
    hint: 'unlock on every way out: who takes the lock next waits for ever',
    fromAbsence: false,
  },
};
