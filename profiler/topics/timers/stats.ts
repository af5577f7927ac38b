// SPDX-License-Identifier: MIT
import { type Histogram, type Nanoseconds, topicKey } from '../../model/index.js';

export interface TimerStats {
  /** Its function. */
  readonly name: string;
  readonly kind: 'timer' | 'hrtimer';
  started: number;
  /** Armed anew while pending. */
  moved: number;
  cancelled: number;
  expired: number;
  /** Armed when the trace ended. */
  pending: number;
  total: Nanoseconds;
  /** From arming to the function. */
  readonly delay: Histogram;
  readonly duration: Histogram;
}

export const timerStats = topicKey<readonly TimerStats[]>('timers');
