// SPDX-License-Identifier: MIT
import { milliseconds } from '../../show/index.js';
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

export const registersRules: Readonly<Record<string, Rule>> = {
  'busy-wait': {
    severity: 'warning',
    key: (p, one) => `${functionAt(p, one.node)} ${one.data['register']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) =>
      `${functionAt(p, one.node)} polled register ${one.data['register']} for ${milliseconds(one.for)} without giving up the CPU`,
    text: (one) => `${one.data['reads']} reads in ${milliseconds(one.for)}`,
    hint: 'sleep between the reads (usleep_range, read_poll_timeout) where sleeping is allowed, or use an interrupt',
    fromAbsence: false,
  },
};
