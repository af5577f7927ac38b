// SPDX-License-Identifier: MIT
import type { Counter } from '../../model/index.js';
import { bytes, count, duration, histogram, overTime, series } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { dmaStats } from './stats.js';

const POINTS = 200;
const COLOR = '#2a6fb0';

export const dmaPicture: Picture = {
  section: 'Memory',
  draw(profile) {
    const dma = profile.topics.get(dmaStats);
    const end = duration(profile.duration);
    const values = (c: Counter): number[] => series(c, profile.duration, POINTS);
    return [
      overTime('DMA mappings alive', values(dma.overTime.mappings), end, (v) => count(v), COLOR),
      overTime('bytes mapped for DMA', values(dma.overTime.bytes), end, (v) => bytes(Math.round(v)), COLOR),
      histogram('lifetime of a DMA mapping', dma.lifetime.octaves(), duration, COLOR),
    ];
  },
};
