// SPDX-License-Identifier: MIT
// The head of a report: what was recorded, how long, what it cost, what is missing.

import type { Profile } from '../model/index.js';
import { count, duration, percent } from '../show/index.js';

export function overview(profile: Profile) {
  const { meta, accounting } = profile;
  return {
    ...meta,
    duration: profile.duration,
    busy: profile.busy,
    threads: profile.threads.filter((t) => t.end > 0).length,
    calls: profile.threads.reduce((sum, t) => sum + t.calls, 0),
    accounting,
    overhead: profile.overhead ?? null,
    gaps: profile.gaps.length,
  };
}

/** What `record --min-duration` has left out: ' + 20 left out, of calls below 10.0 us'. */
function leftOut({ accounting, meta }: Profile): string {
  if (meta.minDuration === undefined) return '';
  return ` + ${count(accounting.filtered)} left out, of calls below ${duration(meta.minDuration)}`;
}

export function overviewText(profile: Profile): string {
  const o = overview(profile);
  const a = profile.accounting;
  const lines = [
    `${o.title}`,
    `  ${duration(o.duration)}, virtual CPU busy ${percent(o.busy, o.duration)}, ${count(o.threads)} threads, ${count(o.calls)} calls`,
    `  ${count(a.produced)} events produced = ${count(a.recorded)} recorded + ${count(a.lost)} lost` +
      (profile.gaps.length > 0 ? ` in ${count(profile.gaps.length)} gaps` : '') +
      leftOut(profile),
  ];
  const { overhead } = profile;
  if (overhead !== undefined) {
    const ns = (n: number): string => `${n.toFixed(1)} ns`;
    lines.push(
      `  tracer: ${ns(overhead.pair)} a call, ${ns(overhead.event)} an event; ${duration(Math.round(overhead.total))} in all, ` +
        `${overhead.subtracted ? 'taken out of total and own times' : `${percent(overhead.total, o.busy)} of the busy time`}`,
    );
  }
  const { skippedSites: skipped } = profile.meta;
  if (skipped !== undefined) {
    const places = `${count(skipped)} ${skipped === 1 ? 'place' : 'places'}`;
    lines.push(`  not recorded: ${places} of the code, where a debugger's breakpoint stood`);
  }
  if (!profile.meta.complete) lines.push('  the recording was cut off: this is what it held up to then');
  const repaired = a.orphanExits + a.tooDeep + a.backwards + a.corrupt;
  if (repaired > 0) {
    lines.push(
      `  repaired: ${count(a.orphanExits)} exits without entry, ${count(a.tooDeep)} calls too deep, ` +
        `${count(a.backwards)} times running backwards, ${count(a.corrupt)} unreadable records`,
    );
  }
  return `${lines.join('\n')}\n`;
}
