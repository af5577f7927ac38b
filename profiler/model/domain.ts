// SPDX-License-Identifier: MIT
// What the aggregates know beside calls: plain data, made by profiler/aggregate, shown by report and analysis.

import type { Counter } from './columns.js';
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

export type DmaFaultKind = 'unmap-without-map' | 'double-unmap' | 'wrong-size' | 'wrong-direction' | 'map-overlap';

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

export interface DmaStats {
  readonly directions: Record<DmaDirection, DmaDirectionStats>;
  readonly coherent: DmaDirectionStats;
  readonly sites: DmaSite[];
  /** Still mapped at the end of the trace (at most some thousands are listed). */
  readonly live: DmaMapping[];
  readonly faults: DmaFault[];
  faultCount: number;
  syncs: number;
  /** Copied between a buffer and its bounce buffer. */
  copied: Bytes;
  /** What was mapped, coherent memory included. */
  readonly overTime: { readonly mappings: Counter; readonly bytes: Counter };
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
  code: Address;
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
  /** As the driver's source calls it, where the recording knows. */
  readonly name?: string;
  reads: number;
  writes: number;
  lastValue: number;
  /** Accesses in MMIO_BINS equal stretches of the recording. */
  readonly overTime: Uint32Array;
}

export const MMIO_BINS = 64;

/** What a DMA call cost (from its entry until the mapping was made or ended), by the number of mappings alive. */
export interface DmaCost {
  /** The API function. */
  readonly name: string;
  /** Index k = 2^k to 2^(k+1)-1 mappings. */
  readonly byLive: Histogram[];
  /** The dearest call. */
  worst: Nanoseconds;
  at: Nanoseconds;
  thread: number;
  node: NodeId;
  code: Address;
}

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

/** A C stack that a trigger recorded. */
export interface StackStats {
  /** The function whose call it was. */
  readonly function: string;
  /** From its caller outwards. */
  readonly frames: readonly string[];
  readonly count: number;
}

/** What can be left out. Calls, contexts, softirqs, NAPI and interrupts make the call tree and are always read. */
export type Analysis =
  | 'allocations'
  | 'dma'
  | 'locks'
  | 'mmio'
  | 'packets'
  | 'paths'
  | 'stacks'
  | 'timers'
  | 'virtToPhys';

export interface Domain {
  readonly dma: DmaStats;
  readonly virtToPhys: VirtToPhysStats;
  readonly softirqs: SoftirqStats[];
  readonly napi: NapiStats[];
  readonly irqs: IrqStats[];
  readonly mmio: MmioStats[];
  readonly paths: InterruptPath[];
  readonly locks: LockStats[];
  readonly allocations: AllocationStats;
  readonly timers: TimerStats[];
  readonly packets: Packets;
  readonly stacks: StackStats[];
  /** Suspicious events with their place; analysis decides which of them are findings. */
  readonly signs: Sign[];
  readonly dmaCosts: DmaCost[];
  /** The driver was seen to leave its device; null in files that do not tell of it. */
  readonly removed: boolean | null;
}

export type SignKind =
  | 'napi-stalled'
  | 'napi-not-completed'
  | 'busy-wait'
  | 'irq-storm'
  | 'irq-unclaimed'
  | 'irq-left-masked'
  | 'napi-complete-full'
  | 'timer-after-remove'
  | 'sleep-in-atomic'
  | 'lock-held'
  | 'irq-leak'
  | 'memory-leak'
  | 'region-leak'
  | 'ioremap-leak'
  | 'page-leak'
  | 'skb-leak'
  | 'netdev-leak'
  | 'dma-error-unchecked'
  | 'dma-cpu-write'
  | 'dma-sync-missing'
  | 'dma-device-sync-missing'
  | 'kernel-warning';

export interface Sign {
  readonly kind: SignKind;
  readonly at: Nanoseconds;
  /** How long it lasted. */
  readonly for: Nanoseconds;
  readonly thread: number;
  readonly node: NodeId;
  /** The instruction that it is about, in the driver; 0 or absent when only the node tells. */
  readonly code?: Address;
  readonly data: Record<string, number | string>;
}
