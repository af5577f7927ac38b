// SPDX-License-Identifier: MIT
import { duration, histogram } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { softirqStats } from './stats.js';

export const softirqPicture: Picture = {
  section: 'From interrupt to poll',
  draw: (profile) =>
    profile.topics
      .get(softirqStats)
      .filter((s) => s.duration.count > 1)
      .map((s) => {
        const caption = `softirq ${s.name}: time of a run, p50 ${duration(s.duration.percentile(0.5))}, p99 ${duration(s.duration.percentile(0.99))}`;
        return histogram(caption, s.duration.octaves(), duration, '#b8459a');
      }),
};
