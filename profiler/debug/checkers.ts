// SPDX-License-Identifier: MIT
// The kernel's own checkers: which Kconfig options build them in, and what switches them on.

import { LaunchError } from '../builds/errors.js';

export interface Checker {
  readonly name: string;
  readonly text: string;
  /** `CONFIG_X=value`. */
  readonly config: readonly string[];
  /** Words for the kernel command line. */
  readonly cmdline: readonly string[];
}

export const CHECKERS: readonly Checker[] = [
  {
    name: 'lockdep',
    text: 'lock order, locks and interrupts, locks that are freed while they are held',
    config: ['CONFIG_PROVE_LOCKING=y'],
    cmdline: [],
  },
  {
    name: 'atomic-sleep',
    text: 'sleeping with a spinlock held or in an interrupt',
    config: ['CONFIG_DEBUG_ATOMIC_SLEEP=y'],
    cmdline: [],
  },
  {
    name: 'dma-debug',
    text: 'DMA mappings: wrong unmap, missing error check, left at remove',
    config: ['CONFIG_DMA_API_DEBUG=y', 'CONFIG_DMA_API_DEBUG_SG=y'],
    cmdline: [],
  },
  {
    name: 'objects',
    text: 'timers, work items and the like that are freed or initialised while active',
    config: [
      'CONFIG_DEBUG_OBJECTS=y',
      'CONFIG_DEBUG_OBJECTS_FREE=y',
      'CONFIG_DEBUG_OBJECTS_TIMERS=y',
      'CONFIG_DEBUG_OBJECTS_WORK=y',
      'CONFIG_DEBUG_OBJECTS_ENABLE_DEFAULT=1',
    ],
    cmdline: [],
  },
  {
    name: 'list-debug',
    text: 'linked lists that are broken by a double add or remove',
    config: ['CONFIG_DEBUG_LIST=y', 'CONFIG_DEBUG_SG=y', 'CONFIG_DEBUG_NOTIFIERS=y'],
    cmdline: [],
  },
  {
    name: 'slub-debug',
    text: 'writes outside of slab objects and after free (no build needed)',
    config: [],
    cmdline: ['slub_debug=FZPU'],
  },
];

/**
 * The checkers of a list such as `lockdep,dma-debug` or `all`.
 * @throws LaunchError for a name that is none
 */
export function chooseCheckers(text: string): readonly Checker[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('all')) return CHECKERS;
  if (text.trim() === 'none') return [];
  return names.map((name) => {
    const found = CHECKERS.find((one) => one.name === name);
    if (found !== undefined) return found;
    const known = [...CHECKERS.map((one) => one.name), 'all', 'none'].join(', ');
    throw new LaunchError('ERR_DDE_OPTION', `--with: no checker "${name}"; there are ${known}`);
  });
}
