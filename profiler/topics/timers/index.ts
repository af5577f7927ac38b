// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { TimerCollector } from './collect.js';
import { type TimerStats, timerStats } from './stats.js';
import { timerTable } from './table.js';

const timers: Topic<readonly TimerStats[]> = {
  key: timerStats,
  collect: (context) => new TimerCollector(context),
};

export const timersFolder: TopicFolder = { topic: timers, tables: [timerTable] };
