// SPDX-License-Identifier: MIT
// The tables that SQL makes of the recorded events, one file a topic.

import type { TopicTable } from '../schema/types.js';
import { allocationSql } from './allocations.js';
import { dmaSql } from './dma.js';
import { irqSql } from './irq.js';
import { lockSql } from './locks.js';
import { mmioSql } from './mmio.js';
import { napiSql } from './napi.js';
import { packetSql } from './packets.js';
import { softirqSql } from './softirq.js';

export const TOPIC_TABLES: readonly TopicTable[] = [
  dmaSql,
  irqSql,
  softirqSql,
  napiSql,
  mmioSql,
  lockSql,
  allocationSql,
  packetSql,
];
