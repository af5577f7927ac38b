// SPDX-License-Identifier: MIT
// Softirqs as a table: a row for each run, with the raise that it answers.

import type { SqlTable } from '../contract.js';

export const softirqSql: SqlTable = {
  name: 'softirq',
  text: 'runs of softirqs',
  columns: [
    ['id', 'id', 'of the entry event'],
    ['ts', 'ns', 'begin of the run'],
    ['dur', 'ns', 'null: its end was not recorded'],
    ['utid', 'id', 'thread on which it ran'],
    ['slice_id', 'id', 'call on top of which it ran'],
    ['vec', 'text', 'NET_RX, NET_TX, TIMER ...'],
    ['raise_ts', 'ns', 'first raise since the run before; null: none was recorded'],
    ['raise_utid', 'id', 'thread that raised it'],
    ['latency', 'ns', 'from the raise to the run'],
  ],
  select: `
    WITH all_events AS (
      SELECT id, ts, utid, slice_id, vec, 'entry' AS what FROM irq.softirq_entry
      UNION ALL BY NAME SELECT id, ts, vec, 'exit' AS what FROM irq.softirq_exit
      UNION ALL BY NAME SELECT id, ts, utid, vec, 'raise' AS what FROM irq.softirq_raise
    ), numbered AS (
      SELECT *, count(*) FILTER (what = 'entry') OVER (PARTITION BY vec ORDER BY id) AS run FROM all_events
    ), raises AS (
      SELECT vec, run + 1 AS run, min(ts) AS raise_ts, arg_min(utid, id) AS raise_utid
      FROM numbered WHERE what = 'raise' GROUP BY ALL
    ), runs AS (
      SELECT *, lead(what) OVER w AS next_what, lead(ts) OVER w AS next_ts
      FROM numbered WHERE what <> 'raise' WINDOW w AS (PARTITION BY vec ORDER BY id)
    )
    SELECT id, ts, CASE WHEN next_what = 'exit' THEN next_ts - ts END AS dur, utid, slice_id, vec, raise_ts, raise_utid,
      ts - raise_ts AS latency
    FROM runs LEFT JOIN raises USING (vec, run) WHERE what = 'entry'`,
};
