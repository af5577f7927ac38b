// SPDX-License-Identifier: MIT
// Locks as a table: a row for each call of the driver that tries to take one, each wait that the kernel tells of, and each long hold that
// the runtime tells of.

import type { SqlTable } from '../contract.js';
import { GIVE, TAKE } from './collect.js';

const text = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

export const lockSql: SqlTable = {
  name: 'lock',
  text: "locks: the driver's calls that take one, waits that the kernel tells of, long holds that the runtime tells of",
  columns: [
    ['id', 'id', 'of the call or event'],
    ['ts', 'ns', 'begin of the call or of the wait; of a hold its end'],
    ['utid', 'id', 'thread'],
    ['slice_id', 'id', 'call'],
    ['source', 'text', 'call, contention (lock:contention_begin) or held (dde:lock_held)'],
    ['address', 'address', '0: the rtnl lock, whose address no call tells'],
    ['function', 'text', "the call's name, or who waited or held"],
    ['taken', 'boolean', 'false: the call did not get it'],
    ['wait_dur', 'ns', 'the call that takes it, or the wait; null: unknown'],
    ['hold_dur', 'ns', 'until it was given back; null: unknown'],
  ],
  select: `
    WITH takes AS (
      SELECT s.id, s.ts, s.utid, s.name, s.dur, s.ts + s.dur AS moment,
        CASE WHEN s.name LIKE 'rtnl_%' THEN 0 ELSE w.arg0 END AS address,
        CASE n.success WHEN 'always' THEN true WHEN 'zero' THEN coalesce(w.ret = 0, true) ELSE coalesce(w.ret <> 0, true) END AS taken
      FROM stored.slice s
      JOIN (VALUES ${Object.entries(TAKE)
        .map(([name, success]) => `('${name}', '${success}')`)
        .join(', ')}) n (name, success) ON s.name = n.name AND s.category = 'kernel API'
      LEFT JOIN stored.call_words w ON w.slice_id = s.id
    ), gives AS (
      SELECT s.id, s.ts AS moment, CASE WHEN s.name LIKE 'rtnl_%' THEN 0 ELSE w.arg0 END AS address
      FROM stored.slice s LEFT JOIN stored.call_words w ON w.slice_id = s.id
      WHERE s.category = 'kernel API' AND s.name IN (${text(GIVE)})
    ), both_ends AS (
      SELECT id, moment, address, true AS takes FROM takes WHERE taken
      UNION ALL SELECT id, moment, address, false FROM gives
    ), holds AS (
      SELECT id, takes, CASE WHEN NOT lead(takes) OVER w THEN lead(moment) OVER w - moment END AS hold_dur
      FROM both_ends WINDOW w AS (PARTITION BY address ORDER BY moment, id)
    ), waits AS (
      SELECT *, lead(begins) OVER w AS next_begins, lead(ts) OVER w AS next_ts FROM (
        SELECT id, ts, utid, slice_id, "lock" AS address, split_part(caller, '+', 1) AS "function", true AS begins
        FROM "lock".contention_begin
        UNION ALL BY NAME SELECT id, ts, "lock" AS address, false AS begins FROM "lock".contention_end
      ) WINDOW w AS (PARTITION BY address ORDER BY id)
    )
    SELECT t.id, t.ts, t.utid, t.id AS slice_id, 'call' AS source, t.address::BIGINT AS address, t.name AS "function", t.taken,
      t.dur AS wait_dur, h.hold_dur
    FROM takes t LEFT JOIN holds h ON h.id = t.id AND h.takes
    UNION ALL BY NAME
    SELECT id, ts, utid, slice_id, 'contention' AS source, address::BIGINT AS address, "function", true AS taken,
      CASE WHEN NOT next_begins THEN next_ts - ts END AS wait_dur, NULL::BIGINT AS hold_dur FROM waits WHERE begins
    UNION ALL BY NAME
    SELECT id, ts, utid, slice_id, 'held' AS source, "lock"::BIGINT AS address, split_part(caller, '+', 1) AS "function", true AS taken,
      NULL::BIGINT AS wait_dur, ticks AS hold_dur FROM dde.lock_held`,
};
