// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { irq } from '../irq/index.js';
import { InterruptPathCollector } from './collect.js';
import { pathPicture } from './picture.js';
import { type InterruptPath, pathStats } from './stats.js';
import { pathTable } from './table.js';

const interruptPath: Topic<readonly InterruptPath[]> = {
  key: pathStats,
  needs: [irq],
  collect: (context) => new InterruptPathCollector(context, context.use(irq)),
};

export const interruptPathFolder: TopicFolder = {
  topic: interruptPath,
  tables: [pathTable],
  pictures: [pathPicture],
};
