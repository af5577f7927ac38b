// SPDX-License-Identifier: MIT
import { type Bytes, type Counter, type Histogram, type NodeId, topicKey } from '../../model/index.js';

/** All memory that one function allocated. */
export interface AllocationSite {
  readonly function: string;
  readonly node: NodeId;
  allocations: number;
  frees: number;
  bytes: Bytes;
  live: number;
  liveBytes: Bytes;
  maxLiveBytes: Bytes;
}

export interface AllocationStats {
  /** `events`: the whole kernel, by its own events; `calls`: the driver's calls. */
  readonly from: 'events' | 'calls';
  readonly allocations: number;
  /** Of allocations that were seen. */
  readonly frees: number;
  readonly bytes: Bytes;
  readonly live: number;
  readonly liveBytes: Bytes;
  readonly maxLiveBytes: Bytes;
  /** Counted, but not followed to their end: too many at once. */
  readonly missed: number;
  readonly lifetime: Histogram;
  readonly overTime: Counter | undefined;
  readonly sites: AllocationSite[];
}

export const memoryStats = topicKey<AllocationStats>('memory');
