// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { StackCollector } from './collect.js';
import { type StackStats, stackStats } from './stats.js';
import { stackTable } from './table.js';

const triggers: Topic<readonly StackStats[]> = {
  key: stackStats,
  collect: (context) => new StackCollector(context),
};

export const triggersFolder: TopicFolder = { topic: triggers, tables: [stackTable] };
