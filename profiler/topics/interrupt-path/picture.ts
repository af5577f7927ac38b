// SPDX-License-Identifier: MIT
import { duration, histogram } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { pathStats } from './stats.js';
import { STATIONS } from './table.js';

const PATHS = 3;
const COLOR = '#c0392b';

export const pathPicture: Picture = {
  section: 'From interrupt to poll',
  draw: (profile) =>
    profile.topics
      .get(pathStats)
      .slice(0, PATHS)
      .flatMap((p) =>
        STATIONS.filter(([key]) => p[key].count > 0).map(([key, text]) => {
          const h = p[key];
          const caption = `irq ${p.irq} ${p.name}: ${text}, p50 ${duration(h.percentile(0.5))}, p99 ${duration(h.percentile(0.99))}`;
          return histogram(caption, h.octaves(), duration, COLOR);
        }),
      ),
};
