// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import { binding } from '../binding/index.js';
import type { TopicFolder } from '../contract.js';
import { DmaCollector, type DmaOptions } from './collect.js';
import { dmaResultRules, dmaKinds } from './findings.js';
import { dmaPicture } from './picture.js';
import { dmaSql } from './sql.js';
import { type DmaStats, dmaStats } from './stats.js';
import { dmaTable } from './table.js';

export const dma: Topic<DmaStats, DmaCollector, DmaOptions> = {
  key: dmaStats,
  needs: [binding],
  collect: (context, options) => new DmaCollector(context, options),
};

export const dmaFolder: TopicFolder<DmaStats, DmaCollector, DmaOptions> = {
  topic: dma,
  tables: [dmaTable],
  resultRules: dmaResultRules,
  resultKinds: dmaKinds,
  pictures: [dmaPicture],
  sql: dmaSql,
};
