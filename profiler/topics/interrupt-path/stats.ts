// SPDX-License-Identifier: MIT
import { type Histogram, topicKey } from '../../model/index.js';

/** How long an interrupt takes from station to station. */
export interface InterruptPath {
  readonly irq: number;
  readonly name: string;
  /** From the signal on the host. */
  readonly toHandler: Histogram;
  /** From the handler's beginning to its raise of NET_RX. */
  readonly toRaise: Histogram;
  readonly toSoftirq: Histogram;
  /** From the softirq's beginning to the first poll's. */
  readonly toPoll: Histogram;
  /** From the signal (or, where none was seen, the handler) to the poll. */
  readonly whole: Histogram;
}

export const pathStats = topicKey<readonly InterruptPath[]>('interrupt-path');
