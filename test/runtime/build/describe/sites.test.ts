// SPDX-License-Identifier: MIT
import t from 'tap';
import { driverRanges, entryTableSource } from '../../../../runtime/build/describe/sites.js';

const MAP = `Discarded input sections

 .text.dde_driver.0.gone
                0x0000000000000000       0x20 kernel.o

Linker script and memory map

 .text.dde_driver.1.e1000_probe
                0x0000000000402000      0x120 kernel.o
 .text.dde_driver.0.f
                0x0000000000401000       0x10 kernel.o
 .text.dde_driver.2  0x0000000000403000        0x0 kernel.o
 .text.schedule 0x0000000000404000      0x400 kernel.o
`;

t.test('the driver in the linker map', async (t) => {
  t.same(driverRanges(MAP), [
    { start: 0x401000, end: 0x401010, object: 0 },
    { start: 0x402000, end: 0x402120, object: 1 },
  ]);
});

t.test('the reserved table', async (t) => {
  t.match(entryTableSource(3), /\.zero 24\n/);
});
