// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

export const kernelReportsRules: Readonly<Record<string, Rule>> = {
  'kernel-error': {
    severity: 'error',
    key: (p, one) =>
      `${sourceOf(p, one.node, one.code ?? 0)} ${String(one.data['text']).replaceAll(/0x[0-9a-f]+|\d+/gi, '#')}`,
    title: (_, one) => String(one.data['text']),
    text: (one) => String(one.data['text']),
    hint: 'Linux says that what the driver did to it cannot be right',
    fromAbsence: false,
  },
  'kernel-warning': {
    severity: 'warning',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `the kernel issued a WARN in ${functionAt(p, one.node)}`,
    text: () => 'the console has the text',
    hint: 'the message and the stack are on the console (record --verbose)',
    fromAbsence: false,
  },
};
