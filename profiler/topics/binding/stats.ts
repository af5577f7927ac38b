// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';

export interface Binding {
  /** The driver was seen to leave its device; null in files that do not tell of it. */
  readonly removed: boolean | null;
}

export const bindingStats = topicKey<Binding>('binding');
