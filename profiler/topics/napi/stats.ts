// SPDX-License-Identifier: MIT
import { type Histogram, topicKey } from '../../model/index.js';

export interface NapiStats {
  readonly name: string;
  readonly device: string;
  polls: number;
  work: number;
  readonly workHistogram: Histogram;
  budgetExhausted: number;
  completed: number;
  scheduled: number;
  empty: number;
  readonly budget: number;
}

export const napiStats = topicKey<readonly NapiStats[]>('napi');
