// SPDX-License-Identifier: MIT
import { count, histogram } from '../../show/index.js';
import type { Picture } from '../contract.js';
import { napiStats } from './stats.js';

export const napiPicture: Picture = {
  section: 'NAPI',
  draw: (profile) =>
    profile.topics
      .get(napiStats)
      .map((one) =>
        histogram(
          `${one.name}: packets a poll (budget ${one.budget}; ${count(one.polls)} polls, ${count(one.budgetExhausted)} full, ${count(one.empty)} empty)`,
          one.workHistogram.octaves(),
          (v) => String(v),
          '#2b7a78',
        ),
      ),
};
