// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';

/** How a driver came to have no device: its remove, a probe that gave up, or (it never had one) the exit of its module. */
export type Ending = 'removed' | 'probe failed' | 'module ended';

const AFTER: Readonly<Record<Ending, string>> = {
  removed: 'though the driver was removed',
  'probe failed': 'though the probe failed',
  'module ended': 'though its module was removed',
};

/** For the end of a sentence about what is still there. */
export function after(ending: unknown): string {
  return AFTER[ending as Ending] ?? AFTER.removed;
}

export interface Binding {
  /** The driver was seen to leave its device; null in files that do not tell of it. */
  readonly removed: boolean | null;
  readonly ending: Ending;
}

export const bindingStats = topicKey<Binding>('binding');
