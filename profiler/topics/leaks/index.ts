// SPDX-License-Identifier: MIT
import type { TopicFolder } from '../contract.js';
import { incidentTopic } from '../incident-topic.js';
import { hearLeaks } from './collect.js';
import { leaksRules } from './findings.js';

export const leaksFolder: TopicFolder = { topic: incidentTopic('leaks', hearLeaks), rules: leaksRules };
