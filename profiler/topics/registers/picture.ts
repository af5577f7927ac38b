// SPDX-License-Identifier: MIT
import { count, duration, heatMap } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { registerStats } from './stats.js';

const REGISTERS = 40;

export const registerPicture: Picture = {
  section: 'Device registers',
  draw(profile) {
    const rows = [...profile.topics.get(registerStats)]
      .filter((r) => !r.region.endsWith('config'))
      .sort((a, b) => b.reads + b.writes - a.reads - a.writes)
      .slice(0, REGISTERS);
    return [
      heatMap(
        `Accesses to the ${rows.length} busiest registers over time`,
        rows.map((r) => ({
          name: r.name ?? `${r.region} 0x${r.offset.toString(16)}`,
          note: `${count(r.reads)} r, ${count(r.writes)} w`,
          values: r.overTime,
        })),
        duration(profile.duration),
      ),
    ];
  },
};
