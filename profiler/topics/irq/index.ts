// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { IrqCollector } from './collect.js';
import { irqRules } from './findings.js';
import { irqSql } from './sql.js';
import { type IrqStats, irqStats } from './stats.js';
import { irqTable } from './table.js';

export const irq: Topic<readonly IrqStats[], IrqCollector> = {
  key: irqStats,
  always: true,
  collect: (context) => new IrqCollector(context),
};

export const irqFolder: TopicFolder = { topic: irq, tables: [irqTable], rules: irqRules, sql: irqSql };
