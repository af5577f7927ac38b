// SPDX-License-Identifier: MIT
import { milliseconds } from '../../show/index.js';
import type { Rule } from '../contract.js';

export const irqRules: Readonly<Record<string, Rule>> = {
  'irq-storm': {
    severity: 'error',
    key: (_, one) => String(one.data['irq']),
    title: (_, one) =>
      `interrupt storm on irq ${one.data['irq']} (${one.data['handler']}): ${one.data['perMs']} a millisecond`,
    text: (one) => `${one.data['perMs']} handlers a millisecond for ${milliseconds(one.for)}`,
    hint: 'the cause is not cleared or the line not masked while the softirq works; check the interrupt cause and mask registers',
    fromAbsence: false,
  },
  'irq-unclaimed': {
    severity: 'warning',
    key: (_, one) => String(one.data['irq']),
    title: (_, one) =>
      `${one.data['handler']} (irq ${one.data['irq']}) claimed none of ${one.data['inARow']} interrupts in a row`,
    text: (one) =>
      `${one.data['inARow']} times IRQ_NONE${one.data['wrote'] === undefined ? '' : `, though it wrote to its device in ${one.data['wrote']} of them`}`,
    hint: 'the handler must return IRQ_HANDLED for its own interrupts, or the kernel switches the line off after 99,900 of them',
    fromAbsence: false,
  },
  'irq-left-masked': {
    severity: 'error',
    key: (_, one) => String(one.data['irq']),
    title: (_, one) =>
      `irq ${one.data['irq']} (${one.data['handler']}) stayed masked for ${milliseconds(one.for)} while the device signalled it`,
    text: (one) => `masked here; ${one.data['signals']} signals in the ${milliseconds(one.for)} that followed`,
    hint: 'enable the interrupt again on every path out of the poll (disable_irq and enable_irq must pair)',
    fromAbsence: true,
  },
};
