// SPDX-License-Identifier: MIT
// Accesses to device registers as a table.

import type { SqlTable } from '../contract.js';

const EVENTS: readonly (readonly [event: string, space: string, write: boolean])[] = [
  ['mmio_read', 'bar', false],
  ['mmio_write', 'bar', true],
  ['pio_read', 'port', false],
  ['pio_write', 'port', true],
  ['config_read', 'config', false],
  ['config_write', 'config', true],
];

export const mmioSql: SqlTable = {
  name: 'mmio',
  text: "accesses to the device's registers, ports and config space",
  columns: [
    ['id', 'id', 'of the event'],
    ['ts', 'ns', 'when'],
    ['utid', 'id', 'thread'],
    ['slice_id', 'id', 'call that made the access'],
    ['region', 'text', 'function and BAR: 00:04.0 bar0'],
    ['space', 'text', 'bar, port, config'],
    ['write', 'boolean', 'false: a read'],
    ['offset', 'bytes', 'within the region'],
    ['register', 'text', "the register's name in the driver's source; null: not known"],
    ['width', 'bytes', 'of the access'],
    ['value', 'number', 'read or written'],
    ['caller', 'text', 'where in the driver: function+offset'],
  ],
  select: `
    WITH accesses AS (${EVENTS.map(
      ([event, space, write]) => `
      SELECT id, ts, utid, slice_id, bdf, bar, "offset", width, "value", caller, '${space}' AS space, ${write} AS write
      FROM dde.${event}`,
    ).join(' UNION ALL BY NAME ')}
    ), named AS (
      SELECT *, printf('%02x:%02x.%d %s%s', (bdf >> 8)::INT, ((bdf >> 3) & 31)::INT, (bdf & 7)::INT, space,
        CASE WHEN space = 'config' THEN '' ELSE (bar & 7)::VARCHAR END) AS region
      FROM accesses
    )
    SELECT a.id, a.ts, a.utid, a.slice_id, a.region, a.space, a.write, a."offset"::BIGINT AS "offset", r.name AS register, a.width,
      a."value", a.caller
    FROM named a LEFT JOIN stored.register r ON r.region = a.region AND r."offset" = a."offset"`,
};
