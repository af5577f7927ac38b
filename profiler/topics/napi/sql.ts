// SPDX-License-Identifier: MIT
// NAPI polls as a table.

import type { SqlTable } from '../contract.js';

export const napiSql: SqlTable = {
  name: 'napi_poll',
  text: 'NAPI polls',
  columns: [
    ['id', 'id', 'of the event that the kernel emits after the poll'],
    ['ts', 'ns', 'end of the poll'],
    ['utid', 'id', 'thread on which it ran'],
    ['slice_id', 'id', 'call within which the poll was made'],
    ['poll_slice_id', 'id', "the poll function's own call; null: that function was not recorded"],
    ['dur', 'ns', 'of that call, from entry to exit'],
    ['napi', 'address', 'NAPI context'],
    ['dev', 'address', 'struct net_device'],
    ['poll', 'text', 'poll function'],
    ['work', 'number', 'packets that the poll reports'],
    ['budget', 'number', 'packets that it might take'],
    ['schedule_ts', 'ns', 'last napi_schedule() since the poll before; null: none'],
  ],
  select: `
    WITH polls AS (
      SELECT *, coalesce(lag(id) OVER (PARTITION BY napi ORDER BY id), -1) AS before FROM napi.napi_poll
    ), calls AS (
      SELECT s.id AS poll_slice_id, s.ts AS entry_ts, s.dur, s.utid, f.address
      FROM stored.slice s JOIN stored.function f USING (function_id)
      WHERE f.address IN (SELECT poll_addr FROM napi.napi_poll)
    ), scheduled AS (
      SELECT p.*, CASE WHEN c.id > p.before THEN c.ts END AS schedule_ts
      FROM polls p ASOF LEFT JOIN dde.napi_schedule c ON p.napi = c.napi AND p.id > c.id
    )
    SELECT p.id, p.ts, p.utid, p.slice_id, c.poll_slice_id, c.dur, p.napi, p.dev, split_part(p.poll, '+', 1) AS poll,
      p.work, p.budget, p.schedule_ts
    FROM scheduled p ASOF LEFT JOIN calls c ON p.utid = c.utid AND p.poll_addr = c.address AND p.ts >= c.entry_ts`,
};
