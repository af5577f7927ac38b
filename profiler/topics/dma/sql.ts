// SPDX-License-Identifier: MIT
// DMA mappings as a table: a row for each, from its making to its end.
//
// The runtime numbers its mappings; an unmap that it cannot match carries number 0, and ends what is mapped at its address.

import type { SqlTable } from '../contract.js';

export const dmaSql: SqlTable = {
  name: 'dma_mapping',
  text: 'DMA mappings, coherent memory included',
  columns: [
    ['id', 'id', 'of the event that made it'],
    ['ts', 'ns', 'when it was made'],
    ['dur', 'ns', 'until its end; null: still mapped when the recording ended'],
    ['end_ts', 'ns', 'when it was ended'],
    ['utid', 'id', 'thread that made it'],
    ['end_utid', 'id', 'thread that ended it'],
    ['slice_id', 'id', 'call that made it'],
    ['end_slice_id', 'id', 'call that ended it'],
    ['dma', 'address', "the device's address"],
    ['cpu', 'address', "the CPU's address"],
    ['size', 'bytes', ''],
    ['dir', 'text', 'TO_DEVICE, FROM_DEVICE, BIDIRECTIONAL, NONE'],
    ['kind', 'text', 'single, page, sg, resource, pool, coherent'],
    ['coherent', 'boolean', 'made by dma_alloc_coherent() or its like'],
    ['dev', 'address', 'struct device'],
    ['caller', 'text', 'where in the driver it was made: function+offset'],
    ['end_caller', 'text', 'where it was ended'],
    ['end_size', 'bytes', 'as the ending call says; differs: a fault of the driver'],
    ['end_dir', 'text', 'as the ending call says'],
    ['copied', 'bytes', 'copied from or to a bounce buffer at its end'],
  ],
  select: `
    WITH made AS (
      SELECT id, ts, utid, slice_id, dma, cpu, size, dir, kind, false AS coherent, dev, caller,
        CASE WHEN id_ = 0 THEN -1 - id ELSE id_ END AS number FROM dma.dma_map
      UNION ALL BY NAME
      SELECT id, ts, utid, slice_id, dma, cpu, size, 'BIDIRECTIONAL' AS dir, 'coherent' AS kind, true AS coherent, dev, caller,
        CASE WHEN id_ = 0 THEN -1 - id ELSE id_ END AS number FROM dma.dma_alloc
    ), ended AS (
      SELECT id, ts, utid, slice_id, dma, size, dir, caller, copied, id_ FROM dma.dma_unmap
      UNION ALL BY NAME
      SELECT id, ts, utid, slice_id, dma, size, 'BIDIRECTIONAL' AS dir, caller, 0 AS copied, id_ FROM dma.dma_free
    ), both_ends AS (
      SELECT *, true AS makes FROM made
      UNION ALL BY NAME
      SELECT e.id, e.ts, e.utid, e.slice_id, e.size, e.dir, e.caller, e.copied, false AS makes,
        CASE WHEN e.id_ = 0 THEN m.number ELSE e.id_ END AS number
      FROM ended e ASOF LEFT JOIN made m ON e.dma = m.dma AND e.id > m.id
    ), paired AS (
      SELECT *, NOT lead(makes) OVER w AS has_end, lead(ts) OVER w AS next_ts, lead(utid) OVER w AS next_utid,
        lead(slice_id) OVER w AS next_slice, lead(caller) OVER w AS next_caller, lead(size) OVER w AS next_size,
        lead(dir) OVER w AS next_dir, lead(copied) OVER w AS next_copied
      FROM both_ends WHERE number IS NOT NULL WINDOW w AS (PARTITION BY number ORDER BY id)
    )
    SELECT id, ts, CASE WHEN has_end THEN next_ts - ts END AS dur, CASE WHEN has_end THEN next_ts END AS end_ts, utid,
      CASE WHEN has_end THEN next_utid END AS end_utid, slice_id, CASE WHEN has_end THEN next_slice END AS end_slice_id,
      dma, cpu, size, dir, kind, coherent, dev, caller, CASE WHEN has_end THEN next_caller END AS end_caller,
      CASE WHEN has_end THEN next_size END AS end_size, CASE WHEN has_end THEN next_dir END AS end_dir,
      CASE WHEN has_end THEN next_copied END AS copied
    FROM paired WHERE makes`,
};
