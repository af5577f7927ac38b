// SPDX-License-Identifier: MIT
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
};
