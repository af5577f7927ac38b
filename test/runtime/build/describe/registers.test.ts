// SPDX-License-Identifier: MIT
import t from 'tap';
import { constants, evaluate } from '../../../../runtime/build/describe/constants.js';
import { registersIn } from '../../../../runtime/build/describe/registers.js';

t.test('constant expressions', async (t) => {
  const known = constants([
    '#define A 0x10 /* first */\n#define B (A + 4)\n#define LOOP LOOP\n#define LONG \\\n  7\n#define Q(_n) ((_n) < 4 ? (0x100 + ((_n) * 0x10)) : 0x900)\n',
    'enum x { C = 0x20, /* third */ D = (1 << 3), E };',
  ]);
  const value = (text: string, values = {}) => evaluate(text, known, values);
  t.strictSame(
    ['A', 'B', 'C', 'D', 'LONG'].map((n) => value(n)),
    [16, 20, 32, 8, 7],
  );
  t.strictSame(
    [1, 4].map((n) => value(known.get('Q')?.text ?? '', { _n: n })),
    [0x110, 0x900],
  );
  t.equal(value('1 + 2 * 3 << 1'), 14);
  t.equal(value('0x10UL | 0x01'), 17);
  for (const bad of ['LOOP', 'unknown', 'f(3)', '(1', '1 +', '', '"x"', 'A B', '1 ? 2'])
    t.equal(value(bad), undefined, bad);
});

t.test('registers, by how the driver uses its constants', async (t) => {
  const header = `
#define E1000_CTRL	0x00000	/* Device Control - RW */
#define E1000_STATUS	0x00008	/* Device Status - RO */
#define E1000_TDT(_n)	(0x03818 + ((_n) * 0x100))
#define E1000_CTRL_FD	0x00000001	/* Full duplex */
#define E1000_EECD	0x00010
#define E1000_FEXTNVM6	0x00010
#define PHY_CONTROL	0x00
#define RING_SIZE	256
#define er32(reg)	__er32(hw, E1000_##reg)
#define ew32(reg, val)	__ew32(hw, E1000_##reg, (val))`;
  const source = `
	ctrl = er32(CTRL) | E1000_CTRL_FD;
	if (er32(STATUS) & 2) ew32(EECD, er32(EECD));
	ew32(FEXTNVM6, 1);
	tx->tail = hw->addr + E1000_TDT(0);
	e1000_write_phy_reg(hw, PHY_CONTROL, 1); writel(RING_SIZE, hw->addr + E1000_CTRL);`;
  const names = new Map(registersIn([header, source]).map(({ offset, name }) => [offset, name]));
  t.equal(names.get(0), 'E1000_CTRL');
  t.equal(names.get(8), 'E1000_STATUS');
  t.equal(names.get(0x10), 'E1000_EECD|E1000_FEXTNVM6', 'two chips, two names');
  t.equal(names.get(0x3918), 'E1000_TDT(1)');
  t.equal(names.get(1), undefined, 'a flag is none');
  t.equal(names.get(256), undefined, 'nor is a size that is written');
  const enums = registersIn([
    'enum { Cmd = 0x37, /* Command */ MAC0 = 0x00, RxOn = 0x08 };',
    'cpw8(Cmd, RxOn); memcpy_fromio(a, cp->regs + MAC0, 6);',
  ]);
  t.strictSame(enums, [
    { offset: 0, name: 'MAC0' },
    { offset: 0x37, name: 'Cmd' },
  ]);
  t.strictSame(registersIn([]), []);
});
