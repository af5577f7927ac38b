// SPDX-License-Identifier: MIT
import { duration, histogram } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { lockStats } from './stats.js';

export const lockPicture: Picture = {
  section: 'Locks',
  draw: (profile) =>
    profile.topics
      .get(lockStats)
      .filter((l) => l.holdTime.count > 1)
      .slice(0, 2)
      .map((l) => histogram(`lock taken by ${l.function}: held`, l.holdTime.octaves(), duration, '#b07a2a')),
};
