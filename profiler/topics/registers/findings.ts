// SPDX-License-Identifier: MIT
import { milliseconds } from '../../show/index.js';
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

export const registersRules: Readonly<Record<string, Rule>> = {
  'outside-bar': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} accessed an address outside of every BAR`,
    text: (one) => `${one.data['write'] === 1 ? 'write to' : 'read of'} 0x${Number(one.data['address']).toString(16)}`,
    hint: 'check the offset against pci_resource_len(): a read gives all ones or ends in a machine check, a write may reach another device',
    fromAbsence: false,
  },
  'unmapped-register': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} accessed a register that is not mapped any more`,
    text: (one) => `${one.data['write'] === 1 ? 'write to' : 'read of'} 0x${Number(one.data['address']).toString(16)}`,
    hint: 'on a machine this is a fault: iounmap() comes last, after timers, work and interrupts have ended',
    fromAbsence: false,
  },
  'bad-iounmap': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) =>
      `${functionAt(p, one.node)} unmapped registers that are not mapped, or that others unmap as well`,
    text: (one) => `iounmap(0x${Number(one.data['address']).toString(16)})`,
    hint: 'what pcim_ and devm_ functions map is unmapped by itself',
    fromAbsence: false,
  },
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
