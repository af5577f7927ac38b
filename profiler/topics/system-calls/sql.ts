// SPDX-License-Identifier: MIT
// System calls as a table: the call and its answer side by side.

import type { SqlTable } from '../contract.js';

export const systemCallSql: SqlTable = {
  name: 'system_call',
  text: "system calls of the user's program that were carried out in the driver process",
  columns: [
    ['id', 'id', 'of the event'],
    ['ts', 'ns', 'when the call came'],
    ['dur', 'ns', 'until its answer; null: it had none when the recording ended'],
    ['utid', 'id', "thread that stands for the program's"],
    ['slice_id', 'id', 'the call among the slices'],
    ['name', 'text', "Linux's name of the call"],
    ['arg0', 'number', 'first argument: a descriptor or a pointer of the program'],
    ['arg1', 'number', ''],
    ['arg2', 'number', ''],
    ['result', 'number', '0 when it failed'],
    ['error', 'number', 'number of the error; 0: none'],
  ],
  select: `
    WITH names AS (
      SELECT frame, any_value("text") AS name FROM dde.program_frame GROUP BY frame
    ), both_ends AS (
      SELECT id, ts, utid, slice_id, "call", arg0, arg1, arg2, NULL::DOUBLE AS result, NULL::BIGINT AS error, true AS begins FROM dde.syscall_entry
      UNION ALL BY NAME SELECT id, ts, utid, result::DOUBLE AS result, error::BIGINT AS error, false AS begins FROM dde.syscall_exit
    ), paired AS (
      SELECT *, lead(begins) OVER w AS next_begins, lead(ts) OVER w AS next_ts, lead(result) OVER w AS next_result, lead(error) OVER w AS next_error
      FROM both_ends WINDOW w AS (PARTITION BY utid ORDER BY id)
    )
    SELECT id, ts, CASE WHEN NOT next_begins THEN next_ts - ts END AS dur, utid, slice_id, n.name, arg0, arg1, arg2,
      CASE WHEN NOT next_begins THEN next_result END AS result, CASE WHEN NOT next_begins THEN next_error END AS error
    FROM paired p LEFT JOIN names n ON n.frame = p."call" WHERE begins`,
};
