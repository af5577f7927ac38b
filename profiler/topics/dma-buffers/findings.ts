// SPDX-License-Identifier: MIT
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

const hex = (value: unknown): string => `0x${Number(value).toString(16)}`;
const access = (write: unknown): string => (write === 1 ? 'write' : 'read');

export const dmaBuffersRules: Readonly<Record<string, Rule>> = {
  'dma-of-stack': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} mapped memory of its stack for DMA`,
    text: (one) => `${one.data['size']} bytes at ${hex(one.data['address'])}, on the stack of the running thread`,
    hint: 'allocate the buffer with kmalloc: a stack may be in vmalloc memory, shares cache lines with other variables, and is gone when the function returns',
    fromAbsence: false,
  },
  'dma-of-no-memory': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} mapped memory for DMA that is not from an allocator`,
    text: (one) => `${one.data['size']} bytes at ${hex(one.data['address'])}`,
    hint: 'constants, variables of a module, vmalloc and mapped registers are not for DMA: copy to memory of kmalloc or of the page allocator',
    fromAbsence: false,
  },
  'dma-of-pointer': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'the device was given a pointer where it takes a DMA address',
    text: (one) => `it tried to ${access(one.data['size'])} memory at ${hex(one.data['address'])}`,
    hint: 'give it the address that dma_map_single(), dma_map_page() or dma_alloc_coherent() returned: only that is one of the bus',
    fromAbsence: false,
  },
  'dma-of-nowhere': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: () => 'the device tried to reach memory at an address where there is none',
    text: (one) => `it tried to ${access(one.data['size'])} memory at ${hex(one.data['address'])}`,
    hint: 'an address or a length that the device was given is wrong, was cut off, or has its bytes in another order',
    fromAbsence: false,
  },
  'dma-stale-address': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} gave the device an address whose mapping had ended`,
    text: (one) => `${hex(one.data['address'])}, ${one.data['size']} bytes, was unmapped before`,
    hint: "unmap when the device is through with it: behind an IOMMU it fails, without one it writes to memory that is the CPU's by then",
    fromAbsence: false,
  },
  'dma-freed-while-mapped': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} freed memory that was mapped for DMA`,
    text: (one) => `${hex(one.data['address'])}, ${one.data['size']} bytes are mapped, freed here`,
    hint: 'unmap before you free: the device may still write, into what is by then the memory of somebody else',
    fromAbsence: false,
  },
  'dma-wrong-nents': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} unmapped a scatterlist with another number of entries`,
    text: (one) => `unmapped as ${one.data['address']} entries, mapped as ${one.data['size']}`,
    hint: 'dma_unmap_sg() takes the number that was given to dma_map_sg(), not the number that it returned',
    fromAbsence: false,
  },
};
