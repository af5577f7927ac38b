// SPDX-License-Identifier: MIT
import { bytes, duration, histogram, overTime, series } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { memoryStats } from './stats.js';

const POINTS = 200;
const COLOR = '#7a5bb0';

export const memoryPicture: Picture = {
  section: 'Memory',
  draw(profile) {
    const allocations = profile.topics.get(memoryStats);
    return [
      overTime(
        allocations.from === 'events' ? 'memory of the kernel, live bytes' : "memory of the driver's calls, live bytes",
        series(allocations.overTime, profile.duration, POINTS),
        duration(profile.duration),
        (v) => bytes(Math.round(v)),
        COLOR,
      ),
      histogram('lifetime of an allocation', allocations.lifetime.octaves(), duration, COLOR),
    ];
  },
};
