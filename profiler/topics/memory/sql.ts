// SPDX-License-Identifier: MIT
// Memory as a table: from the kernel's own events when they were recorded (category kmem), and from the driver's calls.

import type { SqlTable } from '../contract.js';
import { ALLOCATE, FREE, FREE_SECOND, SIZE_FIRST } from './collect.js';

const allocating = Object.entries(ALLOCATE)
  .map(([name, arg]) => `('${name}', '${arg ?? ''}')`)
  .join(', ');
const freeing = FREE.map((name) => `('${name}', '${FREE_SECOND[name] ?? ''}')`).join(', ');

const WORD = `CASE a.word WHEN 0 THEN w.arg0 WHEN 1 THEN w.arg1 WHEN 2 THEN w.arg2 WHEN 3 THEN w.arg3
      WHEN 4 THEN w.arg4 WHEN 5 THEN w.arg5 END`;

export const allocationSql: SqlTable = {
  name: 'allocation',
  text: "memory, from allocation to free: by the kernel's events (all of the kernel), and by the driver's calls",
  columns: [
    ['id', 'id', 'of the event, or of the call that allocated'],
    ['ts', 'ns', 'when it was allocated'],
    ['dur', 'ns', 'until it was freed; null: alive at the end'],
    ['utid', 'id', 'thread that allocated it'],
    ['slice_id', 'id', 'call that allocated it'],
    ['source', 'text', "events (the kernel's) or calls (the driver's): count one of them"],
    ['kind', 'text', 'slab, pages or call'],
    ['address', 'address', 'of pages the frame number'],
    ['size', 'bytes', ''],
    ['function', 'text', 'that allocated it'],
    ['free_lost', 'boolean', 'its end is that the address was given out again'],
  ],
  select: `
    WITH made AS (
      SELECT id, ts, utid, slice_id, 'events' AS source, 'slab' AS kind, ptr::BIGINT AS address, bytes_alloc AS size,
        split_part(caller, '+', 1) AS "function", id::DOUBLE AS moment FROM kmem.kmalloc WHERE ptr <> 0
      UNION ALL BY NAME
      SELECT id, ts, utid, slice_id, 'events' AS source, 'slab' AS kind, ptr::BIGINT AS address, bytes_alloc AS size,
        split_part(caller, '+', 1) AS "function", id::DOUBLE AS moment FROM kmem.kmem_cache_alloc WHERE ptr <> 0
      UNION ALL BY NAME
      SELECT id, ts, utid, slice_id, 'events' AS source, 'pages' AS kind, pfn::BIGINT AS address, 4096 << "order" AS size,
        'pages: ' || split_part(caller, '+', 1) AS "function", id::DOUBLE AS moment FROM kmem.mm_page_alloc WHERE pfn <> 0
      UNION ALL BY NAME
      SELECT s.id, s.ts + s.dur AS ts, s.utid, s.id AS slice_id, 'calls' AS source, 'call' AS kind, w.ret::BIGINT AS address,
        coalesce(CASE WHEN a.word IS NOT NULL THEN ${WORD}
          WHEN regexp_matches(s.name, '${SIZE_FIRST.source}') THEN w.arg0 END, 0)::BIGINT AS size,
        CASE WHEN p.category = 'driver' THEN p.name ELSE s.name END AS "function", s.ts + s.dur + 0.5 AS moment
      FROM stored.slice s JOIN (VALUES ${allocating}) n (name, size_arg) ON s.name = n.name AND s.category = 'kernel API'
      JOIN stored.call_words w ON w.slice_id = s.id AND w.ret <> 0
      LEFT JOIN stored.function_arg a ON a.function_id = s.function_id AND a.name = n.size_arg AND a.position >= 0
      LEFT JOIN stored.slice p ON p.id = s.parent_id
    ), freed AS (
      SELECT id, ts, 'events' AS source, 'slab' AS kind, ptr::BIGINT AS address, id::DOUBLE AS moment FROM kmem.kfree
      UNION ALL BY NAME
      SELECT id, ts, 'events' AS source, 'slab' AS kind, ptr::BIGINT AS address, id::DOUBLE AS moment FROM kmem.kmem_cache_free
      UNION ALL BY NAME
      SELECT id, ts, 'events' AS source, 'pages' AS kind, pfn::BIGINT AS address, id::DOUBLE AS moment FROM kmem.mm_page_free
      UNION ALL BY NAME
      SELECT s.id, s.ts, 'calls' AS source, 'call' AS kind, coalesce(${WORD}, w.arg0)::BIGINT AS address, s.ts::DOUBLE AS moment
      FROM stored.slice s JOIN (VALUES ${freeing}) n (name, object_arg) ON s.name = n.name AND s.category = 'kernel API'
      JOIN stored.call_words w ON w.slice_id = s.id
      LEFT JOIN stored.function_arg a ON a.function_id = s.function_id AND a.name = n.object_arg AND a.position >= 0
    ), both_ends AS (
      SELECT *, true AS makes FROM made UNION ALL BY NAME SELECT *, false AS makes FROM freed
    ), paired AS (
      SELECT *, lead(makes) OVER w AS next_makes, lead(ts) OVER w AS next_ts
      FROM both_ends WINDOW w AS (PARTITION BY kind, address ORDER BY moment, id)
    )
    SELECT id, ts, next_ts - ts AS dur, utid, slice_id, source, kind, address, size, "function",
      coalesce(next_makes, false) AS free_lost
    FROM paired WHERE makes`,
};
