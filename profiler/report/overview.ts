// SPDX-License-Identifier: MIT
// The head of a report: what was recorded, how long, what it cost, what is missing.

import type { Profile } from '../model/index.js';
import { count, duration, nanoseconds, percent, plural } from '../show/index.js';

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
  // Of a part nobody knows how many.
  if (accounting.filtered === 0) return `, calls below ${duration(meta.minDuration)} left out`;
  return ` + ${count(accounting.filtered)} left out, of calls below ${duration(meta.minDuration)}`;
}

export function overviewText(profile: Profile): string {
  const o = overview(profile);
  const a = profile.accounting;
  const lines = [
    `${o.title}`,
    `  ${duration(o.duration)}, virtual CPU busy ${percent(o.busy, o.duration)}, ${plural(o.threads, 'thread')}, ${plural(o.calls, 'call')}`,
    `  ${count(a.produced)} events produced = ${count(a.recorded)} recorded + ${count(a.lost)} lost` +
      (profile.gaps.length > 0 ? ` in ${plural(profile.gaps.length, 'gap')}` : '') +
      leftOut(profile),
  ];
  const { overhead } = profile;
  if (overhead !== undefined) {
    lines.push(
      `  tracer: ${nanoseconds(overhead.pair)} a call, ${nanoseconds(overhead.event)} an event; ${duration(Math.round(overhead.total))} in all, ` +
        `${overhead.subtracted ? 'taken out of total and own times' : `${percent(overhead.total, o.busy)} of the busy time`}`,
    );
  }
  const { skippedSites: skipped } = profile.meta;
  if (skipped !== undefined) {
    lines.push(`  ${plural(skipped, 'trace point')} skipped: a debugger's breakpoint is set there`);
  }
  if (!profile.meta.complete) lines.push('  incomplete recording: it holds the data up to the cut-off');
  const repaired = a.orphanExits + a.tooDeep + a.backwards + a.corrupt;
  if (repaired > 0) {
    lines.push(
      `  repaired: ${plural(a.orphanExits, 'exit')} without entry, ${plural(a.tooDeep, 'call')} nested too deep, ` +
        `${plural(a.backwards, 'timestamp')} out of order, ${plural(a.corrupt, 'unreadable record')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
