// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';
import type { Topic } from '../../read/index.js';
import { binding } from '../binding/index.js';
import type { TopicFolder } from '../contract.js';
import { AfterRemoveCollector } from './collect.js';
import { afterRemoveRules } from './findings.js';

const afterRemove: Topic<undefined> = {
  key: topicKey<undefined>('after-remove'),
  always: true,
  needs: [binding],
  collect: (context) => new AfterRemoveCollector(context, context.use(binding)),
};

export const afterRemoveFolder: TopicFolder = { topic: afterRemove, rules: afterRemoveRules };
