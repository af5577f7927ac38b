// SPDX-License-Identifier: MIT
// What the aggregates know beside calls: plain data, made by profiler/aggregate, shown by report and analysis.

import type { Histogram } from './histogram.js';
import type { Packets } from './packets.js';
import type { Address, Bytes, Nanoseconds, NodeId } from './units.js';

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
}

export interface DmaMapping {
  readonly address: Address;
  readonly size: Bytes;
  readonly direction: DmaDirection;
  readonly coherent: boolean;
  readonly at: Nanoseconds;
  readonly node: NodeId;
}

export type DmaFaultKind = 'unmap-without-map' | 'double-unmap' | 'wrong-size' | 'wrong-direction' | 'map-overlap';

export interface DmaFault {
  readonly kind: DmaFaultKind;
  readonly at: Nanoseconds;
  readonly thread: number;
  readonly node: NodeId;
  readonly address: Address;
  readonly size: Bytes;
  readonly direction: DmaDirection;
  /** The mapping it concerns, as it was made. */
  readonly mapping?: DmaMapping;
}

export interface DmaStats {
  readonly directions: Record<DmaDirection, DmaDirectionStats>;
  readonly coherent: DmaDirectionStats;
  readonly sites: DmaSite[];
  /** Still mapped at the end of the trace (at most some thousands are listed). */
  readonly live: DmaMapping[];
  readonly faults: DmaFault[];
  faultCount: number;
  syncs: number;
  lifetime: Histogram;
}

export interface VirtToPhysCaller {
  calls: number;
  total: Nanoseconds;
  /** The dearest call: what it cost, when and where it was. */
  worst: Nanoseconds;
  at: Nanoseconds;
  thread: number;
  node: NodeId;
}

export interface VirtToPhysStats {
  calls: number;
  total: Nanoseconds;
  readonly cost: Histogram;
  /** Cost against the number of mappings alive, in powers of two: index k = 2^k to 2^(k+1)-1 mappings. */
  readonly byLive: { calls: number; total: Nanoseconds }[];
  /** By the name of the driver's function that asked. */
  readonly callers: Map<string, VirtToPhysCaller>;
}

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

export interface NapiStats {
  readonly name: string;
  readonly device: string;
  polls: number;
  work: number;
  readonly workHistogram: Histogram;
  budgetExhausted: number;
  completed: number;
  scheduled: number;
  empty: number;
  readonly budget: number;
}

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
  /** Busiest window of one millisecond. */
  maxPerMs: number;
  masked: boolean;
  maskedAt: Nanoseconds;
  threads: Map<number, number>;
}

export interface MmioStats {
  readonly region: string;
  readonly offset: number;
  reads: number;
  writes: number;
  lastValue: number;
}

export interface LockStats {
  readonly address: Address;
  readonly function: string;
  contended: number;
  held: number;
  readonly holdTime: Histogram;
}

export interface Domain {
  readonly dma: DmaStats;
  readonly virtToPhys: VirtToPhysStats;
  readonly softirqs: SoftirqStats[];
  readonly napi: NapiStats[];
  readonly irqs: IrqStats[];
  readonly mmio: MmioStats[];
  readonly locks: LockStats[];
  readonly packets: Packets;
  /** Suspicious events with their place; analysis decides which of them are findings. */
  readonly signs: Sign[];
}

export type SignKind =
  | 'napi-stalled'
  | 'napi-not-completed'
  | 'busy-wait'
  | 'irq-storm'
  | 'irq-unclaimed'
  | 'irq-left-masked'
  | 'timer-after-remove';

export interface Sign {
  readonly kind: SignKind;
  readonly at: Nanoseconds;
  /** How long it lasted. */
  readonly for: Nanoseconds;
  readonly thread: number;
  readonly node: NodeId;
  readonly data: Record<string, number | string>;
}
