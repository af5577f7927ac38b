// SPDX-License-Identifier: MIT
// Findings from the signs that the aggregates put down as events went by.

import type { Profile, Sign, SignKind } from '../model/index.js';
import { functionAt } from './dma.js';
import { type Check, evidence, type Finding, lossWithin, type Severity, SHOWN, sourceOf } from './finding.js';

const ms = (ns: number): string => `${(ns / 1e6).toFixed(ns < 1e5 ? 3 : 1)} ms`;

interface Rule {
  readonly severity: Severity;
  /** Signs with the same key are one finding. */
  key(profile: Profile, s: Sign): string;
  title(profile: Profile, s: Sign): string;
  text(s: Sign): string;
  readonly hint: string;
  /** Draws its conclusion from an event that did not come. */
  readonly fromAbsence: boolean;
}

const RULES: Record<SignKind, Rule> = {
  'napi-stalled': {
    severity: 'error',
    key: (_, s) => String(s.data['poll']),
    title: (_, s) =>
      `NET_RX returned without raising itself again although ${s.data['poll']} was still scheduled: no poll for ${ms(s.for)}`,
    text: (s) => `the softirq returned; the next poll came ${ms(s.for)} later or not at all`,
    hint: 'a poll that used up its budget must be polled again: the softirq has to be raised before it returns (net_rx_action does), and the wake-up of ksoftirqd must not be lost',
    fromAbsence: true,
  },
  'napi-not-completed': {
    severity: 'error',
    key: (_, s) => String(s.data['poll']),
    title: (_, s) =>
      `${s.data['poll']} returned less than its budget without napi_complete_done(): no poll for ${ms(s.for)}`,
    text: (s) => `poll did ${s.data['work']} of ${s.data['budget']} and did not complete`,
    hint: 'a poll that returns less than its budget must call napi_complete_done() and enable its interrupt; one that has work left must return the budget',
    fromAbsence: true,
  },
  'busy-wait': {
    severity: 'warning',
    key: (p, s) => `${functionAt(p, s.node)} ${s.data['register']} ${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (p, s) =>
      `${functionAt(p, s.node)} polled register ${s.data['register']} for ${ms(s.for)} without giving up the CPU`,
    text: (s) => `${s.data['reads']} reads in ${ms(s.for)}`,
    hint: 'sleep between the reads (usleep_range, read_poll_timeout) where sleeping is allowed, or use an interrupt',
    fromAbsence: false,
  },
  'irq-storm': {
    severity: 'error',
    key: (_, s) => String(s.data['irq']),
    title: (_, s) => `interrupt storm on irq ${s.data['irq']} (${s.data['handler']}): ${s.data['perMs']} a millisecond`,
    text: (s) => `${s.data['perMs']} handlers a millisecond for ${ms(s.for)}`,
    hint: 'the cause is not cleared or the line not masked while the softirq works; check the interrupt cause and mask registers',
    fromAbsence: false,
  },
  'irq-unclaimed': {
    severity: 'warning',
    key: (_, s) => String(s.data['irq']),
    title: (_, s) =>
      `${s.data['handler']} (irq ${s.data['irq']}) claimed none of ${s.data['inARow']} interrupts in a row`,
    text: (s) => `${s.data['inARow']} times IRQ_NONE`,
    hint: 'the handler must return IRQ_HANDLED for its own interrupts, or the kernel switches the line off after 99,900 of them',
    fromAbsence: false,
  },
  'irq-left-masked': {
    severity: 'error',
    key: (_, s) => String(s.data['irq']),
    title: (_, s) =>
      `irq ${s.data['irq']} (${s.data['handler']}) stayed masked for ${ms(s.for)} while the device signalled it`,
    text: (s) => `masked here; ${s.data['signals']} signals in the ${ms(s.for)} that followed`,
    hint: 'enable the interrupt again on every path out of the poll (disable_irq and enable_irq must pair)',
    fromAbsence: true,
  },
  'napi-complete-full': {
    severity: 'error',
    key: (_, s) => String(s.data['poll']),
    title: (_, s) =>
      `${s.data['poll']} completed although it used up its budget of ${s.data['budget']}: work may be left`,
    text: (s) => `poll did ${s.data['work']} of ${s.data['budget']} and completed`,
    hint: 'a poll that used up its budget must return it without napi_complete_done(), and will be polled again',
    fromAbsence: false,
  },
  'timer-after-remove': {
    severity: 'error',
    key: (p, s) => `${s.data['function']} ${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) =>
      s.data['how'] === 'pending'
        ? `${s.data['function']} was still pending when the driver had been removed`
        : `${s.data['function']} was armed after the driver was removed`,
    text: () => 'armed here',
    hint: 'del_timer_sync() or cancel_work_sync() in remove, and no arming after it',
    fromAbsence: true,
  },
  'sleep-in-atomic': {
    severity: 'error',
    key: (p, s) => `${s.data['function']} ${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (p, s) => `${functionAt(p, s.node)} called ${s.data['function']}, which may sleep, ${s.data['context']}`,
    text: (s) => `${s.data['function']} called ${s.data['context']}`,
    hint: 'use what does not sleep (GFP_ATOMIC, udelay, a spinlock), or leave it to a work item or a threaded handler',
    fromAbsence: false,
  },
  'lock-held': {
    severity: 'warning',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) => `a thread worked for ${ms(s.for)} with a mutex held`,
    text: (s) => `taken here, given back ${ms(Number(s.data['held']))} later`,
    hint: 'do what takes long before the lock or after it, or wait without it',
    fromAbsence: false,
  },
  'irq-leak': {
    severity: 'error',
    key: (_, s) => String(s.data['object']),
    title: (_, s) => `interrupt ${s.data['object']} is still requested, though the driver was removed`,
    text: () => 'requested here',
    hint: 'free_irq() in remove: the next interrupt calls a handler whose device is gone',
    fromAbsence: false,
  },
  'memory-leak': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) => `memory (${s.data['size']} bytes) was never freed, though the driver was removed`,
    text: (s) => `0x${Number(s.data['object']).toString(16)}, ${s.data['size']} bytes, allocated here`,
    hint: 'kfree(), vfree() or kmem_cache_free() in remove and on error paths, or devm_kmalloc()',
    fromAbsence: false,
  },
  'region-leak': {
    severity: 'error',
    key: (p, s) => `${s.data['object']} ${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) =>
      `the region at 0x${Number(s.data['object']).toString(16)} is still claimed, though the driver was removed`,
    text: (s) => `${s.data['size']} bytes, claimed here`,
    hint: 'pci_release_regions() in remove, or pcim_enable_device() and managed regions: the next probe gets -EBUSY',
    fromAbsence: false,
  },
  'ioremap-leak': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) => `registers (${s.data['size']} bytes) are still mapped, though the driver was removed`,
    text: (s) => `0x${Number(s.data['object']).toString(16)}, ${s.data['size']} bytes, got here`,
    hint: 'pci_iounmap() in remove and on error paths, or pcim_iomap()',
    fromAbsence: false,
  },
  'page-leak': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) => `pages (${s.data['size']} bytes) were never freed, though the driver was removed`,
    text: (s) => `0x${Number(s.data['object']).toString(16)}, ${s.data['size']} bytes, got here`,
    hint: '__free_pages() or free_pages() in remove and on error paths, with the order of the allocation',
    fromAbsence: false,
  },
  'skb-leak': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (_, s) =>
      `a socket buffer (${s.data['size']} bytes) was neither freed nor given to the stack, though the driver was removed`,
    text: (s) => `0x${Number(s.data['object']).toString(16)}, ${s.data['size']} bytes, got here`,
    hint: 'dev_kfree_skb_any() for what is still in the rings when they are freed, and on error paths of receiving',
    fromAbsence: false,
  },
  'netdev-leak': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: () => 'a network device was never freed, though the driver was removed',
    text: (s) => `0x${Number(s.data['object']).toString(16)}, ${s.data['size']} bytes, got here`,
    hint: 'free_netdev() after unregister_netdev() and on error paths, or devm_alloc_etherdev()',
    fromAbsence: false,
  },
  'dma-error-unchecked': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: () => 'a DMA mapping failed and the driver went on with it',
    text: (s) => `mapping of ${s.data['size']} bytes failed here; its address was used afterwards`,
    hint: "ask dma_mapping_error() after each dma_map; the device would write to an address that is nobody's",
    fromAbsence: false,
  },
  'dma-cpu-write': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: () => 'the CPU wrote to memory that the device owns',
    text: (s) => `write to 0x${Number(s.data['address']).toString(16)}, which is mapped for DMA`,
    hint: 'write before dma_map or after dma_unmap, or between dma_sync_for_cpu and dma_sync_for_device',
    fromAbsence: false,
  },
  'dma-sync-missing': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: () => 'the CPU read memory that the device writes, without dma_sync_for_cpu',
    text: (s) => `read of 0x${Number(s.data['address']).toString(16)}, which is mapped for the device to write`,
    hint: 'dma_sync_single_for_cpu() or dma_unmap before reading: on other machines the CPU sees what its cache held before',
    fromAbsence: false,
  },
  'dma-device-sync-missing': {
    severity: 'error',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: () => 'memory went back to the device without dma_sync_for_device',
    text: (s) =>
      `the CPU got ${s.data['size']} bytes at 0x${Number(s.data['address']).toString(16)} here, and then the device used them`,
    hint: 'dma_sync_single_for_device() before the device may use the buffer again, also after mere reading: on other machines a line of the cache may cover what the device writes, or keep what it is to read',
    fromAbsence: false,
  },
  'kernel-warning': {
    severity: 'warning',
    key: (p, s) => `${sourceOf(p, s.node, s.code ?? 0)}`,
    title: (p, s) => `a WARN of the kernel was hit in ${functionAt(p, s.node)}`,
    text: () => 'the console has the text',
    hint: 'the message and the stack are on the console (record --verbose)',
    fromAbsence: false,
  },
};

export const fromSigns: Check = (profile) => {
  const groups = new Map<string, Sign[]>();
  for (const s of profile.domain.signs) {
    const rule = RULES[s.kind];
    if (rule.fromAbsence && lossWithin(profile, s.at, s.at + s.for)) continue;
    const key = `${s.kind} ${rule.key(profile, s)}`;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [s]);
    else list.push(s);
  }
  return [...groups.values()].map((list): Finding => {
    const worst = list.reduce((a, b) => (b.for > a.for ? b : a));
    const rule = RULES[worst.kind];
    const shown = [worst, ...list.filter((s) => s !== worst)].slice(0, SHOWN);
    return {
      kind: worst.kind,
      severity: rule.severity,
      title: rule.title(profile, worst),
      hint: rule.hint,
      count: list.length,
      evidence: shown.map((s) => evidence(profile, s.at, s.thread, s.node, rule.text(s), s.code)),
    };
  });
};
