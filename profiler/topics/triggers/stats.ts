// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';

/** A C stack that a trigger recorded. */
export interface StackStats {
  /** The function whose call it was. */
  readonly function: string;
  /** From its caller outwards. */
  readonly frames: readonly string[];
  readonly count: number;
}

export const stackStats = topicKey<readonly StackStats[]>('triggers');
