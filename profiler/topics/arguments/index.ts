// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { ArgumentCollector, type ArgumentOptions } from './collect.js';
import { argumentStats, type CallValues } from './stats.js';
import { argumentTable } from './table.js';

const callArguments: Topic<readonly CallValues[], ArgumentCollector, ArgumentOptions> = {
  key: argumentStats,
  // It hears nothing unless a function is named.
  always: true,
  collect: (context, options) => new ArgumentCollector(context, options),
};

export const argumentsFolder: TopicFolder<readonly CallValues[], ArgumentCollector, ArgumentOptions> = {
  topic: callArguments,
  tables: [argumentTable],
};
