// SPDX-License-Identifier: MIT
import { type Address, type Histogram, type Nanoseconds, type NodeId, topicKey } from '../../model/index.js';

export interface VirtToPhysCaller {
  calls: number;
  total: Nanoseconds;
  /** The slowest call: what it cost, when and where it was. */
  worst: Nanoseconds;
  at: Nanoseconds;
  thread: number;
  node: NodeId;
  code: Address;
}

export interface VirtToPhysStats {
  calls: number;
  total: Nanoseconds;
  readonly cost: Histogram;
  /** Cost against the number of mappings alive, in powers of two: index k = 2^k to 2^(k+1)-1 mappings. */
  readonly byLive: Histogram[];
  /** By the name of the driver's function that asked. */
  readonly callers: Map<string, VirtToPhysCaller>;
}

export const virtToPhysStats = topicKey<VirtToPhysStats>('virt-to-phys');
