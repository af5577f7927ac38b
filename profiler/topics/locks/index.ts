// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { LockCollector } from './collect.js';
import { locksRules } from './findings.js';
import { lockPicture } from './picture.js';
import { lockSql } from './sql.js';
import { type LockStats, lockStats } from './stats.js';
import { lockTable } from './table.js';

const locks: Topic<readonly LockStats[]> = {
  key: lockStats,
  collect: (context) => new LockCollector(context),
};

export const locksFolder: TopicFolder = {
  topic: locks,
  tables: [lockTable],
  rules: locksRules,
  pictures: [lockPicture],
  sql: lockSql,
};
