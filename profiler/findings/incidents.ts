// SPDX-License-Identifier: MIT
// Findings from what the topics put down as events went by.

import type { Finding, Incident, Nanoseconds, Profile } from '../model/index.js';
import { evidence, SHOWN } from '../topics/evidence.js';
import { RULES } from '../topics/index.js';

/** Events lost within the stretch: conclusions from what is missing are not safe there. */
function lossWithin(profile: Profile, from: Nanoseconds, to: Nanoseconds): boolean {
  return profile.gaps.some((g) => g.start <= to && g.end >= from);
}

export function fromIncidents(profile: Profile): Finding[] {
  const groups = new Map<string, Incident[]>();
  for (const one of profile.incidents) {
    const rule = RULES.get(one.kind);
    if (rule === undefined || (rule.fromAbsence && lossWithin(profile, one.at, one.at + one.for))) continue;
    const key = `${one.kind} ${rule.key(profile, one)}`;
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [one]);
    else list.push(one);
  }
  return [...groups.values()].flatMap((list): Finding[] => {
    const worst = list.reduce((a, b) => (b.for > a.for ? b : a));
    const rule = RULES.get(worst.kind);
    if (rule === undefined) return [];
    const shown = [worst, ...list.filter((one) => one !== worst)].slice(0, SHOWN);
    return [
      {
        kind: worst.kind,
        severity: rule.severity,
        title: rule.title(profile, worst),
        hint: rule.hint,
        count: list.length,
        evidence: shown.flatMap((one) => [
          evidence(profile, one.at, one.thread, one.node, rule.text(one), one.code),
          ...(one.also === undefined || one.also.code <= 0
            ? []
            : [evidence(profile, one.at, one.thread, one.node, one.also.text, one.also.code)]),
        ]),
      },
    ];
  });
}
