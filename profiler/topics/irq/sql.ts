// SPDX-License-Identifier: MIT
// Hard interrupts as a table: a row for each run of a handler, with the signal that it answers.

import type { SqlTable } from '../contract.js';

export const irqSql: SqlTable = {
  name: 'irq',
  text: 'runs of interrupt handlers',
  columns: [
    ['id', 'id', 'of the entry event'],
    ['ts', 'ns', 'entry of the handler'],
    ['dur', 'ns', 'null: its end was not recorded'],
    ['utid', 'id', 'thread on which it ran'],
    ['slice_id', 'id', 'call that it interrupted'],
    ['irq', 'number', 'interrupt number, as /proc/interrupts has it'],
    ['handler', 'text', "the driver's handler"],
    ['handled', 'boolean', 'the handler claimed the interrupt (IRQ_HANDLED or IRQ_WAKE_THREAD)'],
    ['signal_ts', 'ns', 'first signal of the host since the handler ran before; null: none was recorded'],
    ['latency', 'ns', 'from the signal to the handler'],
  ],
  select: `
    WITH all_events AS (
      SELECT id, ts, utid, slice_id, irq, handler, 'entry' AS what, 0 AS ret FROM irq.irq_handler_entry
      UNION ALL BY NAME SELECT id, ts, irq, 'exit' AS what, ret FROM irq.irq_handler_exit
      UNION ALL BY NAME SELECT id, ts, irq, 'signal' AS what FROM dde.irq_signal
    ), numbered AS (
      SELECT *, count(*) FILTER (what = 'entry') OVER (PARTITION BY irq ORDER BY id) AS run FROM all_events
    ), signals AS (
      SELECT irq, run + 1 AS run, min(ts) AS signal_ts FROM numbered WHERE what = 'signal' GROUP BY ALL
    ), runs AS (
      SELECT *, lead(what) OVER w AS next_what, lead(ts) OVER w AS next_ts, lead(ret) OVER w AS next_ret
      FROM numbered WHERE what <> 'signal' WINDOW w AS (PARTITION BY irq ORDER BY id)
    )
    SELECT id, ts, CASE WHEN next_what = 'exit' THEN next_ts - ts END AS dur, utid, slice_id, irq,
      split_part(handler, '+', 1) AS handler, CASE WHEN next_what = 'exit' THEN next_ret & 3 <> 0 END AS handled,
      signal_ts, ts - signal_ts AS latency
    FROM runs LEFT JOIN signals USING (irq, run) WHERE what = 'entry'`,
};
