// SPDX-License-Identifier: MIT
import { type Address, type Histogram, type NodeId, topicKey } from '../../model/index.js';

/** A lock that can sleep, as one function takes it. */
export interface LockStats {
  /** 0: the rtnl lock, whose address no call tells. */
  readonly address: Address;
  readonly function: string;
  readonly node: NodeId;
  taken: number;
  /** Tries that did not get it. */
  refused: number;
  /** How often the kernel said that somebody had to wait, and how long that was. */
  contended: number;
  readonly contention: Histogram;
  /** The call that takes it, from entry to exit. */
  readonly waitTime: Histogram;
  readonly holdTime: Histogram;
}

export const lockStats = topicKey<readonly LockStats[]>('locks');
