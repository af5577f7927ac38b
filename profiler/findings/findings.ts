// SPDX-License-Identifier: MIT
// What is wrong in a recording, the worst first: the incidents that the topics put down, what their rules find in the results,
// and what the run itself told.

import type { Finding, Profile, Severity } from '../model/index.js';
import { RESULT_RULES } from '../topics/index.js';
import { fromIncidents } from './incidents.js';
import { withTold } from './run.js';

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** The profile must have been read with all topics. */
export function findings(profile: Profile): Finding[] {
  const found = [...fromIncidents(profile), ...RESULT_RULES.flatMap((rule) => rule(profile))];
  return withTold(found, profile.meta.told ?? []).sort(
    (a, b) => RANK[a.severity] - RANK[b.severity] || b.count - a.count,
  );
}
