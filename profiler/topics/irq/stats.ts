// SPDX-License-Identifier: MIT
import { type Histogram, type Nanoseconds, topicKey } from '../../model/index.js';

export interface IrqStats {
  readonly irq: number;
  name: string;
  count: number;
  handled: number;
  unhandled: number;
  total: Nanoseconds;
  readonly duration: Histogram;
  /** From the host's delivery to the handler. */
  readonly latency: Histogram;
  /** In the busiest millisecond. */
  maxPerMs: number;
  masked: boolean;
  maskedAt: Nanoseconds;
  threads: Map<number, number>;
}

export const irqStats = topicKey<readonly IrqStats[]>('irq');
