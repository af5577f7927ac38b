// SPDX-License-Identifier: MIT
import { type Histogram, type Nanoseconds, topicKey } from '../../model/index.js';

/** System calls of the user's program that the driver process carried out. */
export interface SystemCallStats {
  /** Linux's name of it. */
  readonly name: string;
  calls: number;
  /** By the error's number. */
  readonly errors: Map<number, number>;
  total: Nanoseconds;
  /** From the call to its answer. */
  readonly duration: Histogram;
}

export const systemCallStats = topicKey<readonly SystemCallStats[]>('system-calls');
