// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';
import type { Topic } from '../../read/index.js';
import { binding } from '../binding/index.js';
import type { TopicFolder } from '../contract.js';
import { hearLeaks } from './collect.js';
import { leaksRules } from './findings.js';

const leaks: Topic<undefined> = {
  key: topicKey<undefined>('leaks'),
  always: true,
  needs: [binding],
  collect(context) {
    hearLeaks(context, context.use(binding));
    return { finish: () => undefined };
  },
};

export const leaksFolder: TopicFolder = { topic: leaks, rules: leaksRules };
