// SPDX-License-Identifier: MIT
import type { Incident } from '../../model/index.js';
import type { Rule } from '../contract.js';
import { functionAt, sourceOf } from '../evidence.js';

const memory = ({ data }: Incident): string => `0x${Number(data['address']).toString(16)}, ${data['size']} bytes`;
const at = ({ data }: Incident, what: string): string => (data['where'] === '' ? '' : `, ${what} at ${data['where']}`);
const WHO =
  'memory was corrupted: `dde-profile check DRIVER --with slub-debug` looks at every object and tells the stacks that allocated and freed it; a watchpoint on it in `dde-profile gdb DRIVER` stops at who writes';

export const heapRules: Readonly<Record<string, Rule>> = {
  'double-free': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} freed memory that was free already`,
    text: (one) => `${memory(one)}, freed here again${at(one, 'and before')}`,
    hint: 'set the pointer to NULL when its memory is freed; an error path often frees what remove frees as well',
    fromAbsence: false,
  },
  'invalid-free': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} freed what kmalloc() never gave`,
    text: (one) => `kfree(0x${Number(one.data['address']).toString(16)}) here: not the start of an allocation`,
    hint: 'kfree() gets exactly the pointer that kmalloc() returned: memory of devm_ functions is freed by itself or by devm_kfree(), a member of a structure with the structure',
    fromAbsence: false,
  },
  'copy-beyond': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} copied ${one.data['size']} bytes from or to memory that has fewer`,
    text: (one) => `${memory(one)}: the allocation has ${one.data['has']} bytes`,
    hint: 'limit the length before the copy, above all one that a user or the device gave: min(), or -EINVAL',
    fromAbsence: false,
  },
  'access-beyond': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} touched ${one.data['size']} bytes beyond the end of an allocation`,
    text: (one) => `${memory(one)}, touched here${at(one, 'allocated')}`,
    hint: 'an index or a length that is not limited by what was allocated, or an allocation of the wrong size: struct_size(), array_size(), kcalloc()',
    fromAbsence: false,
  },
  'access-freed': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) => `${functionAt(p, one.node)} touched memory that had been freed`,
    text: (one) => `${memory(one)}, touched here${at(one, 'freed')}`,
    hint: 'stop first what uses it (timers, work items, interrupts), free then; read what is needed before the last kfree() or put',
    fromAbsence: false,
  },
  'index-beyond': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (p, one) =>
      `${functionAt(p, one.node)} used the index ${Number(one.data['address']) | 0}, which its array does not have`,
    text: (one) => `index ${Number(one.data['address']) | 0} here`,
    hint: 'check an index that comes from the device or a user, and loops with <=, against ARRAY_SIZE()',
    fromAbsence: false,
  },
  'use-after-free': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `memory (${one.data['size']} bytes) was written after it had been freed`,
    text: (one) => `${memory(one)}, freed here${at(one, 'allocated')}`,
    hint: `${WHO}; the device may have, too`,
    fromAbsence: false,
  },
  'heap-overflow': {
    severity: 'error',
    key: (p, one) => `${sourceOf(p, one.node, one.code ?? 0)}`,
    title: (_, one) => `memory was written beyond its end (${one.data['size']} bytes)`,
    text: (one) => `${memory(one)}, allocated here${at(one, 'noticed when it was freed')}`,
    hint: `${WHO}; the device may have, too`,
    fromAbsence: false,
  },
};
