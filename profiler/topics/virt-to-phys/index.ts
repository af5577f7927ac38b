// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { dma } from '../dma/index.js';
import { VirtToPhysCollector } from './collect.js';
import { virtToPhysGrowth } from './findings.js';
import { type VirtToPhysStats, virtToPhysStats } from './stats.js';
import { virtToPhysTable } from './table.js';

const virtToPhys: Topic<VirtToPhysStats> = {
  key: virtToPhysStats,
  needs: [dma],
  collect(context) {
    const mappings = context.use(dma);
    return new VirtToPhysCollector(context, () => mappings.count);
  },
};

export const virtToPhysFolder: TopicFolder = {
  topic: virtToPhys,
  tables: [virtToPhysTable],
  resultRules: [virtToPhysGrowth],
  resultKinds: ['virt-to-phys-growth'],
};
