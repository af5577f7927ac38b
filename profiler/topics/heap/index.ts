// SPDX-License-Identifier: MIT
import type { TopicFolder } from '../contract.js';
import { incidentTopic } from '../incident-topic.js';
import { hearHeap } from './collect.js';
import { heapRules } from './findings.js';

export const heapFolder: TopicFolder = { topic: incidentTopic('heap', hearHeap), rules: heapRules };
