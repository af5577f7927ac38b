// SPDX-License-Identifier: MIT
import { milliseconds } from '../../show/index.js';
import type { Rule } from '../contract.js';

export const napiRules: Readonly<Record<string, Rule>> = {
  'napi-stalled': {
    severity: 'error',
    key: (_, one) => String(one.data['poll']),
    title: (_, one) =>
      `NET_RX returned without raising itself again although ${one.data['poll']} was still scheduled: no poll for ${milliseconds(one.for)}`,
    text: (one) => `the softirq returned; the next poll came ${milliseconds(one.for)} later or not at all`,
    hint: 'a poll that used up its budget must be polled again: the softirq has to be raised before it returns (net_rx_action does), and the wake-up of ksoftirqd must not be lost',
    fromAbsence: true,
  },
  'napi-not-completed': {
    severity: 'error',
    key: (_, one) => String(one.data['poll']),
    title: (_, one) =>
      `${one.data['poll']} returned less than its budget without napi_complete_done(): no poll for ${milliseconds(one.for)}`,
    text: (one) => `poll did ${one.data['work']} of ${one.data['budget']} and did not complete`,
    hint: 'a poll that returns less than its budget must call napi_complete_done() and enable its interrupt; one that has work left must return the budget',
    fromAbsence: true,
  },
  'napi-complete-full': {
    severity: 'error',
    key: (_, one) => String(one.data['poll']),
    title: (_, one) =>
      `${one.data['poll']} completed although it used up its budget of ${one.data['budget']}: work may be left`,
    text: (one) => `poll did ${one.data['work']} of ${one.data['budget']} and completed`,
    hint: 'a poll that used up its budget must return it without napi_complete_done(), and will be polled again',
    fromAbsence: false,
  },
};
