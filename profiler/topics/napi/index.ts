// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { softirq } from '../softirq/index.js';
import { NapiCollector } from './collect.js';
import { napiRules } from './findings.js';
import { napiPicture } from './picture.js';
import { napiSql } from './sql.js';
import { type NapiStats, napiStats } from './stats.js';
import { napiTable } from './table.js';

const napi: Topic<readonly NapiStats[]> = {
  key: napiStats,
  always: true,
  needs: [softirq],
  collect: (context) => new NapiCollector(context, context.use(softirq)),
};

export const napiFolder: TopicFolder = {
  topic: napi,
  tables: [napiTable],
  rules: napiRules,
  pictures: [napiPicture],
  sql: napiSql,
};
