// SPDX-License-Identifier: MIT
import {
  type Address,
  type Bytes,
  type Counter,
  type Histogram,
  type Nanoseconds,
  type NodeId,
  topicKey,
} from '../../model/index.js';

export type DmaDirection = 'bidirectional' | 'to-device' | 'from-device' | 'none';
export const DMA_DIRECTIONS: readonly DmaDirection[] = ['bidirectional', 'to-device', 'from-device', 'none'];

export interface DmaDirectionStats {
  maps: number;
  unmaps: number;
  bytes: Bytes;
  live: number;
  liveBytes: Bytes;
  maxLive: number;
}

export interface DmaSite {
  /** The node of the call tree in which the mapping was made. */
  readonly node: NodeId;
  /** The driver's function. */
  readonly function: string;
  readonly direction: DmaDirection;
  readonly coherent: boolean;
  maps: number;
  unmaps: number;
  bytes: Bytes;
  live: number;
  liveBytes: Bytes;
  maxLive: number;
}

export interface DmaMapping {
  readonly address: Address;
  readonly size: Bytes;
  readonly direction: DmaDirection;
  readonly coherent: boolean;
  readonly at: Nanoseconds;
  readonly node: NodeId;
  /** The calling instruction in the driver. */
  readonly code: Address;
}

export type DmaFaultKind =
  | 'unmap-without-map'
  | 'double-unmap'
  | 'wrong-size'
  | 'wrong-direction'
  | 'sync-after-unmap'
  | 'sync-beyond';

export interface DmaFault {
  readonly kind: DmaFaultKind;
  readonly at: Nanoseconds;
  readonly thread: number;
  readonly node: NodeId;
  readonly address: Address;
  readonly size: Bytes;
  readonly direction: DmaDirection;
  readonly code: Address;
  /** The mapping it concerns, as it was made. */
  readonly mapping?: DmaMapping;
}

/** What happened again and again at one place. */
export interface DmaPlace<T> {
  count: number;
  bytes: Bytes;
  /** The first few. */
  readonly examples: T[];
}

export interface DmaStats {
  readonly directions: Record<DmaDirection, DmaDirectionStats>;
  readonly coherent: DmaDirectionStats;
  readonly sites: DmaSite[];
  /** Still mapped at the end of the trace, by call path and instruction. */
  readonly live: DmaPlace<DmaMapping>[];
  liveCount: number;
  /** By kind, call path and instruction. */
  readonly faults: DmaPlace<DmaFault>[];
  faultCount: number;
  /** By API function. */
  readonly costs: DmaCost[];
  syncs: number;
  /** Copied between a buffer and its bounce buffer. */
  copied: Bytes;
  /** What was mapped, coherent memory included. */
  readonly overTime: { readonly mappings: Counter; readonly bytes: Counter };
  lifetime: Histogram;
}

/** What a DMA call cost (from its entry until the mapping was made or ended), by the number of mappings alive. */
export interface DmaCost {
  /** The API function. */
  readonly name: string;
  /** Index k = 2^k to 2^(k+1)-1 mappings. */
  readonly byLive: Histogram[];
  /** The slowest call. */
  worst: Nanoseconds;
  at: Nanoseconds;
  thread: number;
  node: NodeId;
  code: Address;
}

export const dmaStats = topicKey<DmaStats>('dma');
