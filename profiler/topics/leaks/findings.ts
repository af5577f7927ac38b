// SPDX-License-Identifier: MIT
import { after } from '../binding/stats.js';
import type { Rule } from '../contract.js';
import { sourceOf } from '../evidence.js';

/** What is left, by the function that made it. */
function leftBehind(by: string): string {
  if (/^kthread/.test(by)) return 'a thread of the driver still exists';
  if (/^request_firmware|^firmware_request/.test(by)) return `the firmware of ${by}() was never released`;
  if (/^pci_(dev_)?get/.test(by)) return `the reference that ${by}() took was never given back`;
  if (/register|_add|create_file|create_group|create_bin/.test(by)) return `what ${by}() registered is still there`;
  return `what ${by}() made is still there`;
}

export const leaksRules: Readonly<Record<string, Rule>> = {
  'irq-leak': {
    severity: 'error',
    key: (_, one) => String(one.data['object']),
    title: (_, one) => `interrupt ${one.data['object']} is still requested, ${after(one.data['ending'])}`,
    text: () => 'requested here',
    hint: 'free_irq() in remove: the next interrupt calls a handler whose device is gone',
    fromAbsence: false,
  },
  'memory-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `memory (${one.data['size']} bytes) was never freed, ${after(one.data['ending'])}`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, allocated here`,
    hint: 'kfree(), vfree() or kmem_cache_free() in remove and on error paths, or devm_kmalloc()',
    fromAbsence: false,
  },
  'region-leak': {
    severity: 'error',
    key: (p, one) => `${one.data['object']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) =>
      `the region at 0x${Number(one.data['object']).toString(16)} is still claimed, ${after(one.data['ending'])}`,
    text: (one) => `${one.data['size']} bytes, claimed here`,
    hint: 'pci_release_regions() in remove, or pcim_enable_device() and managed regions: the next probe gets -EBUSY',
    fromAbsence: false,
  },
  'ioremap-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `registers (${one.data['size']} bytes) are still mapped, ${after(one.data['ending'])}`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: 'pci_iounmap() in remove and on error paths, or pcim_iomap()',
    fromAbsence: false,
  },
  'page-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `pages (${one.data['size']} bytes) were never freed, ${after(one.data['ending'])}`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: '__free_pages() or free_pages() in remove and on error paths, with the order of the allocation',
    fromAbsence: false,
  },
  'skb-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) =>
      `a socket buffer (${one.data['size']} bytes) was neither freed nor given to the stack, ${after(one.data['ending'])}`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: 'dev_kfree_skb_any() for what is still in the rings when they are freed, and on error paths of receiving',
    fromAbsence: false,
  },
  'netdev-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `a network device was never freed, ${after(one.data['ending'])}`,
    text: (one) => `0x${Number(one.data['object']).toString(16)}, ${one.data['size']} bytes, obtained here`,
    hint: 'free_netdev() after unregister_netdev() and on error paths, or devm_alloc_etherdev()',
    fromAbsence: false,
  },
  'left-behind': {
    severity: 'error',
    key: (p, one) => `${one.data['by']} ${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `${leftBehind(String(one.data['by']))}, ${after(one.data['ending'])}`,
    text: (one) => `${one.data['by']}() here`,
    hint: 'end it in remove and on error paths, in the opposite order: what Linux still knows leads into code and memory that are gone',
    fromAbsence: false,
  },
  'vectors-leak': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `the device's interrupt vectors were never freed, ${after(one.data['ending'])}`,
    text: () => 'allocated here',
    hint: 'pci_free_irq_vectors() after free_irq() in remove and on error paths: the next probe fails or gets wrong vectors',
    fromAbsence: false,
  },
  'device-left-enabled': {
    severity: 'warning',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `the device is still enabled, ${after(one.data['ending'])}`,
    text: () => 'enabled here',
    hint: 'pci_disable_device() in remove and on error paths, or pcim_enable_device()',
    fromAbsence: false,
  },
  'bus-master-left': {
    severity: 'warning',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `the device may still write to memory, ${after(one.data['ending'])}`,
    text: () => 'made bus master here',
    hint: 'pci_disable_device() or pci_clear_master() in remove and on error paths, once the device is quiet',
    fromAbsence: false,
  },
};
