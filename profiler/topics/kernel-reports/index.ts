// SPDX-License-Identifier: MIT
import type { TopicFolder } from '../contract.js';
import { incidentTopic } from '../incident-topic.js';
import { hearKernelReports } from './collect.js';
import { kernelReportsRules } from './findings.js';

export const kernelReportsFolder: TopicFolder = {
  topic: incidentTopic('kernel-reports', hearKernelReports),
  rules: kernelReportsRules,
};
