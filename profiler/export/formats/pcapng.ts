// SPDX-License-Identifier: MIT
// pcapng (draft-ietf-opsawg-pcapng) of the packets at the boundary of the driver, for Wireshark and tshark: an interface each
// device, times in ns, and as the comment of each packet where in the trace it stands.
//
// What the driver leaves to the card is done here: VLAN tags are put in, checksums filled in. A packet that the card is to cut
// into segments stays one, as in a capture on Linux.

import type { Profile } from '../../model/index.js';
import { type Packet, packetStats } from '../../topics/packets/stats.js';
import { ByteWriter } from '../writers/byte-writer.js';
import type { Exporter } from '../exporter.js';
import { title } from '../writers/names.js';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const ETHERNET = 1;
const OPTION = { end: 0, comment: 1, os: 3, application: 4, name: 2, resolution: 9, flags: 2, packetId: 5 };
const INBOUND = 1;
const OUTBOUND = 2;
/** An option's length is a u16. */
const LONGEST = 0xffff;

/** Fields of a block, each padded to 32 bits. */
class Block {
  private readonly parts: Buffer[] = [];
  private size = 0;

  put(bytes: Uint8Array): this {
    const padded = Buffer.alloc((bytes.length + 3) & ~3);
    padded.set(bytes);
    this.parts.push(padded);
    this.size += padded.length;
    return this;
  }

  u32(...values: number[]): this {
    const b = Buffer.alloc(values.length * 4);
    values.forEach((v, i) => {
      b.writeUInt32LE(v >>> 0, i * 4);
    });
    return this.put(b);
  }

  option(code: number, value: Uint8Array): this {
    return this.u32(code | (value.length << 16)).put(value);
  }

  text(code: number, text: string): this {
    const bytes = Buffer.from(text);
    return bytes.length > LONGEST ? this : this.option(code, bytes);
  }

  write(type: number, out: ByteWriter): void {
    const length = this.size + 12;
    const head = Buffer.alloc(8);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(length, 4);
    out.bytes(head);
    for (const p of this.parts) for (let i = 0; i < p.length; i += 4096) out.bytes(p.subarray(i, i + 4096));
    out.bytes(head.subarray(4));
  }
}

/** The internet checksum of the bytes from `start` on; what stands in its place takes part: the sum of the pseudo header. */
function checksum(bytes: Uint8Array, start: number): number {
  let sum = 0;
  for (let i = start; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  // As the kernel does: a sum of 0 would mean "none" to UDP.
  return ~sum & 0xffff || 0xffff;
}

/** The bytes as they are on the wire, as far as they were captured. */
function wireBytes(p: Packet): { bytes: Uint8Array; length: number } {
  let bytes = p.bytes.slice(0, p.captured);
  let length = p.length;
  const sum = p.checksum;
  if (sum !== undefined && p.captured === p.length && sum.start + sum.offset + 2 <= p.length) {
    const value = checksum(bytes, sum.start);
    bytes[sum.start + sum.offset] = value >> 8;
    bytes[sum.start + sum.offset + 1] = value & 0xff;
  }
  if (p.vlan !== 0 && bytes.length >= 12) {
    const tag = Buffer.alloc(4);
    tag.writeUInt32BE(p.vlan >>> 0);
    bytes = Buffer.concat([bytes.subarray(0, 12), tag, bytes.subarray(12)]);
    length += 4;
  }
  return { bytes, length };
}

/** Where in the trace it is, and what was left to the card. */
function comment(profile: Profile, p: Packet): string {
  const thread = profile.threads[p.thread];
  const frame = profile.frames.get(profile.tree.frame[p.node] as number);
  return [
    `packet ${p.number} at ${(p.at / 1e9).toFixed(9)} s, thread ${thread?.name ?? '?'} (${thread?.tid ?? 0}), skb 0x${p.skb.toString(16)}`,
    ...(frame.kind === 'thread' ? [] : [`in ${frame.name}`]),
    ...(p.checksum === undefined ? [] : ['checksum offloaded to the card, filled in here']),
    ...(p.segment === 0 ? [] : [`segments of ${p.segment} bytes`]),
    ...(p.captured < p.length ? ['the rest was lost'] : []),
  ].join('; ');
}

function writeSection(profile: Profile, out: ByteWriter): void {
  new Block()
    .u32(0x1a2b3c4d, 1, 0xffffffff, 0xffffffff)
    .text(OPTION.comment, title(profile))
    .text(OPTION.os, profile.meta.kernelVersion === undefined ? 'Linux' : `Linux ${profile.meta.kernelVersion}`)
    .text(OPTION.application, 'dde-profile')
    .option(OPTION.end, new Uint8Array(0))
    .write(SECTION, out);
}

function writePacket(profile: Profile, p: Packet, device: number, start: bigint, out: ByteWriter): void {
  const { bytes, length } = wireBytes(p);
  const time = start + BigInt(p.at);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(p.direction === 'rx' ? INBOUND : OUTBOUND);
  const id = Buffer.alloc(8);
  id.writeUInt32LE(p.number);
  new Block()
    .u32(device, Number(time >> 32n), Number(time & 0xffffffffn), bytes.length, length)
    .put(bytes)
    .text(OPTION.comment, comment(profile, p))
    .option(OPTION.flags, flags)
    .option(OPTION.packetId, id)
    .option(OPTION.end, new Uint8Array(0))
    .write(ENHANCED_PACKET, out);
}

function notes(profile: Profile, refused: number): { notes?: string[] } {
  const { list, dropped } = profile.topics.get(packetStats);
  const text = [
    ...(list.length === 0 ? ['no packets in the recording: they are recorded with --packets'] : []),
    ...(refused === 0 ? [] : [`left out: ${refused} packets that the driver did not take`]),
    ...(dropped === 0 ? [] : [`left out: ${dropped} packets beyond the limit of memory`]),
  ];
  return text.length === 0 ? {} : { notes: text };
}

export const pcapng: Exporter = {
  name: 'pcapng',
  extension: 'pcapng',
  description: 'the packets that driver and core handed to each other (record --packets), for Wireshark and tshark',
  needsTimeline: false,
  needsPackets: true,
  write(profile, sink) {
    const out = new ByteWriter(sink.open());
    const all = profile.topics.get(packetStats).list;
    const taken = all.filter((p) => !p.refused).sort((a, b) => a.at - b.at || a.number - b.number);
    const devices = [...new Set(taken.map((p) => p.device))].sort();
    const start = BigInt(Math.round((profile.meta.startedAt ?? 0) * 1000)) * 1000n;
    writeSection(profile, out);
    for (const name of devices) {
      new Block()
        .u32(ETHERNET, 0)
        .text(OPTION.name, name)
        .option(OPTION.resolution, Uint8Array.of(9))
        .option(OPTION.end, new Uint8Array(0))
        .write(INTERFACE, out);
    }
    for (const p of taken) writePacket(profile, p, devices.indexOf(p.device), start, out);
    out.end();
    return { files: 1, records: taken.length, ...notes(profile, all.length - taken.length) };
  },
};
