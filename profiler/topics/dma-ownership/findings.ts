// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { sourceOf } from '../evidence.js';

export const dmaOwnershipRules: Readonly<Record<string, Rule>> = {
  'dma-error-unchecked': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'a DMA mapping failed and the driver went on with it',
    text: (one) => `mapping of ${one.data['size']} bytes failed here; its address was used afterwards`,
    hint: "ask dma_mapping_error() after each dma_map; the device would write to an address that is nobody's",
    fromAbsence: false,
  },
  'dma-cpu-write': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'the CPU wrote to memory that the device owns',
    text: (one) => `write to 0x${Number(one.data['address']).toString(16)}, which is mapped for DMA`,
    hint: 'write before dma_map or after dma_unmap, or between dma_sync_for_cpu and dma_sync_for_device',
    fromAbsence: false,
  },
  'dma-sync-missing': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'the CPU read memory that the device writes, without dma_sync_for_cpu',
    text: (one) => `read of 0x${Number(one.data['address']).toString(16)}, which is mapped for the device to write`,
    hint: 'dma_sync_single_for_cpu() or dma_unmap before reading: on other machines the CPU sees what its cache held before',
    fromAbsence: false,
  },
  'dma-device-sync-missing': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'memory went back to the device without dma_sync_for_device',
    text: (one) =>
      `the CPU got ${one.data['size']} bytes at 0x${Number(one.data['address']).toString(16)} here, and then the device used them`,
    hint: 'dma_sync_single_for_device() before the device may use the buffer again, also after mere reading: on other machines a line of the cache may cover what the device writes, or keep what it is to read',
    fromAbsence: false,
  },
};
