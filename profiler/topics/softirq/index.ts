// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { SoftirqCollector } from './collect.js';
import { softirqPicture } from './picture.js';
import { softirqSql } from './sql.js';
import { type SoftirqStats, softirqStats } from './stats.js';
import { softirqTable } from './table.js';

export const softirq: Topic<readonly SoftirqStats[], SoftirqCollector> = {
  key: softirqStats,
  always: true,
  collect: (context) => new SoftirqCollector(context),
};

export const softirqFolder: TopicFolder = {
  topic: softirq,
  tables: [softirqTable],
  pictures: [softirqPicture],
  sql: softirqSql,
};
