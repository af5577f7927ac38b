// SPDX-License-Identifier: MIT
// Packets as driver and core handed them to each other.

import {
  type Address,
  type Bytes,
  type Nanoseconds,
  type NodeId,
  type ThreadIndex,
  topicKey,
} from '../../model/index.js';

export type PacketDirection = 'rx' | 'tx';

export interface Packet {
  /** Counted by the driver process from its start. */
  readonly number: number;
  readonly at: Nanoseconds;
  readonly thread: ThreadIndex;
  readonly node: NodeId;
  readonly direction: PacketDirection;
  readonly skb: Address;
  /** The network device: `eth0`. */
  readonly device: string;
  readonly length: Bytes;
  /** What stands in the trace of it, from its start: less than `length` when events were lost. Empty unless bytes are kept. */
  bytes: Uint8Array;
  captured: Bytes;
  /** `protocol << 16 | tag` of a VLAN tag that the card adds or has taken off; 0 without one. */
  readonly vlan: number;
  /** Left to the card: the sum from `start` on, to be put `offset` bytes behind it. */
  readonly checksum?: { readonly start: number; readonly offset: number };
  /** Payload bytes a segment when the card is to cut the packet (or has joined it), else 0. */
  readonly segment: Bytes;
  /** The driver did not take it; the core tried again, or dropped it. */
  refused: boolean;
}

/** Bytes kept at most. */
const LIMIT = 256 << 20;

export class Packets {
  readonly list: Packet[] = [];
  /** Packets counted only, because of the bound. */
  dropped = 0;
  private held = 0;
  private readonly keep: boolean;
  private readonly limit: number;

  constructor(keep: boolean, limit = LIMIT) {
    this.keep = keep;
    this.limit = limit;
  }

  /** Returns the packet that data() fills, or undefined when there is no room for it. */
  begin(packet: Omit<Packet, 'bytes' | 'captured' | 'refused'>): Packet | undefined {
    const size = this.keep ? packet.length : 0;
    if (this.held + size > this.limit || packet.length > 1 << 20) {
      this.dropped++;
      return undefined;
    }
    this.held += size + 200;
    const added: Packet = { ...packet, bytes: new Uint8Array(size), captured: 0, refused: false };
    this.list.push(added);
    return added;
  }

  /** A part whose part before is missing is left out: `captured` bytes from the start are always whole. */
  data(packet: Packet, offset: number, bytes: Uint8Array): void {
    if (offset !== packet.captured) return;
    const n = Math.min(bytes.length, packet.length - offset);
    if (this.keep) packet.bytes.set(bytes.subarray(0, n), offset);
    packet.captured += n;
  }
}

export const packetStats = topicKey<Packets>('packets');
