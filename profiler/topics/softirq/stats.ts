// SPDX-License-Identifier: MIT
import { type Histogram, type Nanoseconds, topicKey } from '../../model/index.js';

export interface SoftirqStats {
  readonly name: string;
  raised: number;
  runs: number;
  total: Nanoseconds;
  readonly duration: Histogram;
  /** From raise to run. */
  readonly latency: Histogram;
  /** Raised when the trace ended, not run. */
  pending: boolean;
}

export const softirqStats = topicKey<readonly SoftirqStats[]>('softirq');
