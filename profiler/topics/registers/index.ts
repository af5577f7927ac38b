// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { RegisterCollector } from './collect.js';
import { registersRules } from './findings.js';
import { registerPicture } from './picture.js';
import { mmioSql } from './sql.js';
import { type RegisterStats, registerStats } from './stats.js';
import { registerTable } from './table.js';

const registers: Topic<readonly RegisterStats[]> = {
  key: registerStats,
  collect: (context) => new RegisterCollector(context),
};

export const registersFolder: TopicFolder = {
  topic: registers,
  tables: [registerTable],
  rules: registersRules,
  pictures: [registerPicture],
  sql: mmioSql,
};
