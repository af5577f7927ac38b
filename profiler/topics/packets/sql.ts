// SPDX-License-Identifier: MIT
// Packets as a table: what driver and core handed to each other. Their bytes are in dde.packet_data.

import type { SqlTable } from '../contract.js';

const BYTES = [0, 1, 2, 3].flatMap((word) => [0, 8, 16, 24].map((shift) => `(dev_name${word} >> ${shift}) & 255`));

export const packetSql: SqlTable = {
  name: 'packet',
  text: 'packets that driver and core handed to each other',
  columns: [
    ['id', 'id', 'of the event'],
    ['ts', 'ns', 'when'],
    ['utid', 'id', 'thread'],
    ['slice_id', 'id', 'call in which it was handed over'],
    ['number', 'number', 'running number'],
    ['dir', 'text', 'rx: from the driver to the core, tx: to the driver'],
    ['device', 'text', 'eth0'],
    ['skb', 'address', 'struct sk_buff'],
    ['len', 'bytes', 'from the Ethernet header on'],
    ['vlan', 'number', 'protocol << 16 | tag, of a tag that is not among the bytes; 0: none'],
    ['csum_partial', 'boolean', 'the checksum was left to the card'],
    ['gso_size', 'bytes', 'segments that the card shall cut it into; 0: none'],
    ['refused', 'boolean', 'the driver did not take it'],
  ],
  select: `
    WITH refused AS (
      SELECT p.id FROM dde.packet_refused r ASOF JOIN (SELECT id, skb FROM dde.packet WHERE dir = 'tx') p
      ON r.skb = p.skb AND r.id > p.id
    )
    SELECT id, ts, utid, slice_id, "number", dir,
      array_to_string([CASE WHEN x = 0 THEN '' ELSE chr(x::INT) END FOR x IN [${BYTES.join(', ')}]], '') AS device,
      skb, len, vlan, csum_partial <> 0 AS csum_partial, gso_size, id IN (SELECT id FROM refused) AS refused
    FROM dde.packet`,
};
