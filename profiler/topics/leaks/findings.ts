// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { sourceOf } from '../evidence.js';

export const leaksRules: Readonly<Record<string, Rule>> = {
  'irq-leak': {
    severity: 'error',
    key: (_, one) => String(one.data['object']),
    title: (_, one) => `interrupt ${one.data['object']} is still requested, though the driver was removed`,
    text: () => 'requested here',
    hint: 'free_irq() in remove: the next interrupt calls a handler whose device is gone',
    fromAbsence: false,
  },
  'memory-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `memory (${one.data['size']} bytes) was never freed, though the driver was removed`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, allocated here`,
    hint: 'kfree(), vfree() or kmem_cache_free() in remove and on error paths, or devm_kmalloc()',
    fromAbsence: false,
  },
  'region-leak': {
    severity: 'error',
    key: (p, one) => `${one.data['object']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) =>
      `the region at 0x${Number(one.data['object']).toString(16)} is still claimed, though the driver was removed`,
    text: (one) => `${one.data['size']} bytes, claimed here`,
    hint: 'pci_release_regions() in remove, or pcim_enable_device() and managed regions: the next probe gets -EBUSY',
    fromAbsence: false,
  },
  'ioremap-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `registers (${one.data['size']} bytes) are still mapped, though the driver was removed`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: 'pci_iounmap() in remove and on error paths, or pcim_iomap()',
    fromAbsence: false,
  },
  'page-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `pages (${one.data['size']} bytes) were never freed, though the driver was removed`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: '__free_pages() or free_pages() in remove and on error paths, with the order of the allocation',
    fromAbsence: false,
  },
  'skb-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) =>
      `a socket buffer (${one.data['size']} bytes) was neither freed nor given to the stack, though the driver was removed`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: 'dev_kfree_skb_any() for what is still in the rings when they are freed, and on error paths of receiving',
    fromAbsence: false,
  },
  'netdev-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'a network device was never freed, though the driver was removed',
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: 'free_netdev() after unregister_netdev() and on error paths, or devm_alloc_etherdev()',
    fromAbsence: false,
  },
};
