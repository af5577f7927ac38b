// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { MemoryCollector } from './collect.js';
import { memoryPicture } from './picture.js';
import { allocationSql } from './sql.js';
import { type AllocationStats, memoryStats } from './stats.js';
import { memoryTable } from './table.js';

const memory: Topic<AllocationStats> = {
  key: memoryStats,
  collect: (context) => new MemoryCollector(context),
};

export const memoryFolder: TopicFolder = {
  topic: memory,
  tables: [memoryTable],
  pictures: [memoryPicture],
  sql: allocationSql,
};
