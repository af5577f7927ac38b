// SPDX-License-Identifier: MIT
import type { TopicFolder } from '../contract.js';
import { incidentTopic } from '../incident-topic.js';
import { hearDmaOwnership } from './collect.js';
import { dmaOwnershipRules } from './findings.js';

export const dmaOwnershipFolder: TopicFolder = {
  topic: incidentTopic('dma-ownership', hearDmaOwnership),
  rules: dmaOwnershipRules,
};
