// SPDX-License-Identifier: MIT
import { topicKey } from '../../model/index.js';

export interface RegisterStats {
  readonly region: string;
  readonly offset: number;
  /** As the driver's source calls it, where the recording knows. */
  readonly name?: string;
  reads: number;
  writes: number;
  lastValue: number;
  /** Accesses in REGISTER_BINS equal stretches of the recording. */
  readonly overTime: Uint32Array;
}

export const REGISTER_BINS = 64;

export const registerStats = topicKey<readonly RegisterStats[]>('registers');
