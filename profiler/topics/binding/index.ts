// SPDX-License-Identifier: MIT
import type { Topic } from '../../read/index.js';
import type { TopicFolder } from '../contract.js';
import { BindingCollector } from './collect.js';
import { type Binding, bindingStats } from './stats.js';

export const binding: Topic<Binding, BindingCollector> = {
  key: bindingStats,
  always: true,
  collect: (context) => new BindingCollector(context),
};

export const bindingFolder: TopicFolder = { topic: binding };
