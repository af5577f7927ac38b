// SPDX-License-Identifier: MIT
import type { TopicFolder } from '../contract.js';
import { incidentTopic } from '../incident-topic.js';
import { hearAtomicSleeps } from './collect.js';
import { atomicSleepRules } from './findings.js';

export const atomicSleepFolder: TopicFolder = {
  topic: incidentTopic('atomic-sleep', hearAtomicSleeps),
  rules: atomicSleepRules,
};
