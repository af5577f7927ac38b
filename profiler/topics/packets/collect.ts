// SPDX-License-Identifier: MIT
// dde:packet and the dde:packet_data behind it become packets again.

import { bytesArg } from '../../../tracer/decode/args.js';
import { type Collector, findEvent, type TopicContext } from '../../read/index.js';
import { type Packet, Packets } from './stats.js';

/** Load options of this topic. */
export interface PacketOptions {
  /** Keep the bytes of packets. Default false. */
  packets?: boolean;
}

const NAMES = ['dev_name0', 'dev_name1', 'dev_name2', 'dev_name3'];

export class PacketCollector implements Collector<Packets> {
  private readonly packets: Packets;
  /** By thread: the packet whose bytes come next. */
  private readonly open: (Packet | undefined)[] = [];
  private readonly lastSent = new Map<number, Packet>();

  constructor(context: TopicContext, { packets: keep = false }: PacketOptions) {
    this.packets = new Packets(keep);
    context.on('packet', (arg) => {
      const [number, skb, len, dir, vlan] = [arg('number'), arg('skb'), arg('len'), arg('dir'), arg('vlan')];
      const [start, offset, partial] = [arg('csum_start'), arg('csum_offset'), arg('csum_partial')];
      const [segment, names] = [arg('gso_size'), NAMES.map(arg)];
      return (s, t, b, i) => {
        const word = Buffer.alloc(16);
        names.forEach((name, k) => {
          word.writeUInt32LE(name(b, i), k * 4);
        });
        const direction = dir(b, i) === 0 ? 'rx' : 'tx';
        const packet = this.packets.begin({
          number: number(b, i),
          at: t,
          thread: s.index,
          node: s.here,
          direction,
          skb: skb(b, i),
          device: word.toString('latin1').replace(/\0.*$/s, ''),
          length: len(b, i),
          vlan: vlan(b, i),
          segment: segment(b, i),
          ...(partial(b, i) === 0 ? {} : { checksum: { start: start(b, i), offset: offset(b, i) } }),
        });
        this.open[s.index] = packet;
        if (direction === 'tx' && packet !== undefined) this.sent(packet);
      };
    });
    const bytes = findEvent(context.trace, 'packet_data')?.args.find((a) => a.type === 'str');
    context.on('packet_data', (arg) => {
      const offset = arg('offset');
      return (s, _t, b, i) => {
        const packet = this.open[s.index];
        if (packet !== undefined && bytes !== undefined) this.packets.data(packet, offset(b, i), bytesArg(bytes, b, i));
      };
    });
    context.on('packet_refused', (arg) => {
      const skb = arg('skb');
      return (_s, _t, b, i) => {
        const packet = this.lastSent.get(skb(b, i));
        if (packet !== undefined) packet.refused = true;
      };
    });
  }

  private sent(packet: Packet): void {
    // A refusal comes right after its packet: a few are enough.
    if (this.lastSent.size >= 64) this.lastSent.clear();
    this.lastSent.set(packet.skb, packet);
  }

  finish(): Packets {
    return this.packets;
  }
}
