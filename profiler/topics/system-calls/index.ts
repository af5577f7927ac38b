// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { SystemCallCollector } from './collect.js';
import { systemCallSql } from './sql.js';
import { type SystemCallStats, systemCallStats } from './stats.js';
import { systemCallTable } from './table.js';

const systemCalls: Topic<readonly SystemCallStats[]> = {
  key: systemCallStats,
  collect: (context) => new SystemCallCollector(context),
};

export const systemCallsFolder: TopicFolder = { topic: systemCalls, tables: [systemCallTable], sql: systemCallSql };
