// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { sourceOf } from '../evidence.js';

export const afterRemoveRules: Readonly<Record<string, Rule>> = {
  'timer-after-remove': {
    severity: 'error',
    key: (p, one) => `${one.data['function']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) =>
      one.data['how'] === 'pending'
        ? `${one.data['function']} was still pending when the driver had been removed`
        : `${one.data['function']} was armed after the driver was removed`,
    text: () => 'armed here',
    hint: 'del_timer_sync() or cancel_work_sync() in remove, and no arming after it',
    fromAbsence: true,
  },
};
