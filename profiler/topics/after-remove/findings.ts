// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { sourceOf } from '../evidence.js';

const HOW: Readonly<Record<string, string>> = {
  armed: 'was armed after the driver was removed',
  pending: 'was still pending when the driver had been removed',
  'not waited for': 'was scheduled in remove, which did not wait for it: it may run when the driver is gone',
};

export const afterRemoveRules: Readonly<Record<string, Rule>> = {
  'timer-after-remove': {
    severity: 'error',
    key: (p, one) => `${one.data['function']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, { data }) => `${data['function']} ${HOW[String(data['how'])]}`,
    text: () => 'armed here',
    hint: 'del_timer_sync(), cancel_work_sync() or tasklet_kill() in remove, and no arming after it',
    fromAbsence: true,
  },
};
