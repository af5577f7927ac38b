// SPDX-License-Identifier: MIT
import { milliseconds } from '../../show/index.js';
import type { Rule } from '../contract.js';
import { sourceOf } from '../evidence.js';

export const locksRules: Readonly<Record<string, Rule>> = {
  'lock-held': {
    severity: 'warning',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `a thread worked for ${milliseconds(one.for)} with a mutex held`,
    text: (one) => `taken here, given back ${milliseconds(Number(one.data['held']))} later`,
    hint: 'do what takes long before the lock or after it, or wait without it',
    fromAbsence: false,
  },
};
