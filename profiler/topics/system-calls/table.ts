// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import type { Profile } from '../../model/index.js';
import { count, duration, summary, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { type SystemCallStats, systemCallStats } from './stats.js';

/** Of two names of one number the first: EAGAIN, not EWOULDBLOCK. */
const ERRORS = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** `EFAULT 3, EINTR 1`, the most frequent first. */
function errorsOf({ errors }: SystemCallStats): string {
  return [...errors]
    .sort(([, a], [, b]) => b - a)
    .map(([number, times]) => `${ERRORS.get(number) ?? number} ${count(times)}`)
    .join(', ');
}

function callData(profile: Profile) {
  return profile.topics.get(systemCallStats).map((one) => ({
    name: one.name,
    calls: one.calls,
    errors: Object.fromEntries([...one.errors].map(([number, times]) => [ERRORS.get(number) ?? String(number), times])),
    total: one.total,
    duration: summary(one.duration),
  }));
}

function tableOf(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const all = profile.topics.get(systemCallStats).filter(({ name }) => match?.(name) ?? true);
  return {
    title: "System calls of the user's program",
    columns: [
      { head: 'call', left: true },
      { head: 'calls' },
      { head: 'total' },
      { head: 'p50' },
      { head: 'p99' },
      { head: 'max' },
      { head: 'errors', left: true },
    ],
    rows: all.slice(0, top).map((one) => {
      const { p50, p99, max } = summary(one.duration);
      return [
        one.name,
        count(one.calls),
        duration(one.total),
        duration(p50),
        duration(p99),
        duration(max),
        errorsOf(one),
      ];
    }),
    notes: [
      ...(all.length > top ? [`${all.length - top} more`] : []),
      ...(all.length > 0 ? ['from the call to its answer; calls that the host carries out are not among them'] : []),
    ],
  };
}

export const systemCallTable: TopicTable = {
  name: 'syscalls',
  data: callData,
  tables: (profile, top, { match }) => [tableOf(profile, top, match)],
};
