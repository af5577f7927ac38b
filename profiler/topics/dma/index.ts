// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import { binding } from '../binding/index.js';
import type { TopicFolder } from '../contract.js';
import { DmaCollector } from './collect.js';
import { dmaChecks } from './findings.js';
import { dmaPicture } from './picture.js';
import { dmaSql } from './sql.js';
import { type DmaStats, dmaStats } from './stats.js';
import { dmaTable } from './table.js';

export const dma: Topic<DmaStats, DmaCollector> = {
  key: dmaStats,
  needs: [binding],
  collect: (context) => new DmaCollector(context),
};

export const dmaFolder: TopicFolder = {
  topic: dma,
  tables: [dmaTable],
  checks: dmaChecks,
  pictures: [dmaPicture],
  sql: dmaSql,
};
