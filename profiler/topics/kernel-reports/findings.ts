// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

export const kernelReportsRules: Readonly<Record<string, Rule>> = {
  'kernel-warning': {
    severity: 'warning',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `the kernel issued a WARN in ${functionAt(p, one.node)}`,
    text: () => 'the console has the text',
    hint: 'the message and the stack are on the console (record --verbose)',
    fromAbsence: false,
  },
};
