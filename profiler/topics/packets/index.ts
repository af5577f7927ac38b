// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { PacketCollector, type PacketOptions } from './collect.js';
import { packetSql } from './sql.js';
import { type Packets, packetStats } from './stats.js';
import { packetTable } from './table.js';

const packets: Topic<Packets, PacketCollector, PacketOptions> = {
  key: packetStats,
  collect: (context, options) => new PacketCollector(context, options),
};

export const packetsFolder: TopicFolder<Packets, PacketCollector, PacketOptions> = {
  topic: packets,
  tables: [packetTable],
  sql: packetSql,
};
