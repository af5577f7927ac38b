// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';

/** How often an argument of a function had each value; what it returned, as the argument `returned`. */
export interface CallValues {
  readonly function: string;
  readonly argument: string;
  readonly type: string;
  readonly calls: number;
  /** Different values, of those that were counted one by one. */
  readonly distinct: number;
  /** Calls with values beyond these. */
  readonly others: number;
  /** The most frequent first. */
  readonly values: readonly { readonly value: number | string; readonly calls: number }[];
}

export const argumentStats = topicKey<readonly CallValues[]>('arguments');
