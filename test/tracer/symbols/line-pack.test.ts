// SPDX-License-Identifier: MIT
import t from 'tap';
import { DriverLines, packLines } from '../../../tracer/symbols/index.js';
import type { LineTable } from '../../../tracer/symbols/lines.js';

const ROWS = [
  { addr: 0x401000, file: '/k/drivers/a.c', line: 10 },
  { addr: 0x401004, file: '/k/drivers/a.c', line: 300 },
  { addr: 0x401008, file: '/k/include/dma.h', line: 5 },
  { addr: 0x401010, file: '/k/drivers/a.c', line: 12 },
  { addr: 0x402000, file: '/k/drivers/b.c', line: 1 },
];

const table = {
  *rows(from: number, to: number) {
    for (const r of ROWS) if (r.addr >= from && r.addr < to) yield r;
  },
  find: (addr: number) => ROWS.findLast((r) => r.addr <= addr),
} as unknown as LineTable;

t.test('what is packed is found again', async (t) => {
  const functions = [
    { addr: 0x402000, size: 16 },
    { addr: 0x401000, size: 32 },
    { addr: 0x401000, size: 32 },
  ];
  const packed = packLines(table, functions, (file) => file.slice(3));
  t.strictSame(packed.files, ['drivers/a.c', 'drivers/b.c']);
  const lines = new DriverLines(JSON.parse(JSON.stringify(packed)));
  t.strictSame(lines.find(0x401000), { file: 'drivers/a.c', line: 10 });
  t.strictSame(lines.find(0x401007), { file: 'drivers/a.c', line: 300 });
  t.strictSame(lines.find(0x40100a), { file: 'drivers/a.c', line: 300 }, 'inlined from a header: the line that calls');
  t.strictSame(lines.find(0x40101f), { file: 'drivers/a.c', line: 12 });
  t.strictSame(lines.find(0x402003), { file: 'drivers/b.c', line: 1 });
  for (const outside of [0, 0x400fff, 0x401020, 0x402010]) t.equal(lines.find(outside), undefined);
});

t.test('what is no table is an empty one', async (t) => {
  for (const bad of [undefined, null, 1, {}, { files: 3 }, { files: [], rows: 'AQEB' }, { rows: '////' }]) {
    t.equal(new DriverLines(bad).find(0x401000), undefined);
  }
});
