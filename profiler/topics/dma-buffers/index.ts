// SPDX-License-Identifier: MIT
import type { TopicFolder } from '../contract.js';
import { incidentTopic } from '../incident-topic.js';
import { hearDmaBuffers } from './collect.js';
import { dmaBuffersRules } from './findings.js';

export const dmaBuffersFolder: TopicFolder = {
  topic: incidentTopic('dma-buffers', hearDmaBuffers),
  rules: dmaBuffersRules,
};
