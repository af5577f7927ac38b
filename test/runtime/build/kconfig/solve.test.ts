// SPDX-License-Identifier: MIT
import t from 'tap';
import { parseKconfig } from '../../../../runtime/build/kconfig/parse.js';
import { explain, formatConfig, parseConfig, solve } from '../../../../runtime/build/kconfig/solve.js';

const TEXT = `
config MMU
	def_bool n
config PCI
	bool "PCI"
config NET
	bool "Networking"
	depends on PCI
config VENDOR
	bool "Vendor"
	depends on NET
if VENDOR
config CARD
	tristate "Card"
	depends on !OLD
	depends on X86 || COMPILE_TEST || CLOCK
	select LIB
endif
config OLD
	bool "Old"
config CLOCK
	bool "Clock"
config COMPILE_TEST
	bool "Everything"
config LIB
	tristate
config NEEDS_LIB
	bool "Needs a library" if LIB
config BIG
	bool "Big"
	depends on MMU
config BIGGER
	bool "Bigger"
	depends on BIG && NET
config RING_A
	bool "a"
	depends on RING_B
config RING_B
	bool "b"
	depends on RING_A
config COMPARED
	bool "compared"
	depends on NET=y && OLD!=y && WIDTH >= 32
`;
const kconfig = parseKconfig((path) => (path === 'Kconfig' ? TEXT : undefined));
const base = parseConfig('CONFIG_OLD=y\n# CONFIG_PCI is not set\nCONFIG_WIDTH=64\n');

t.test('parents are switched on, obstacles off, and COMPILE_TEST is left alone', async (t) => {
  const { assignments, reason } = solve(kconfig, base, ['CARD']);
  t.equal(reason, undefined);
  t.same(Object.fromEntries(assignments), {
    PCI: 'y',
    NET: 'y',
    VENDOR: 'y',
    OLD: 'n',
    CLOCK: 'y',
    CARD: 'y',
  });
});

t.test('a hidden symbol comes by what selects it', async (t) => {
  const { assignments } = solve(kconfig, base, ['NEEDS_LIB']);
  t.equal(assignments.get('CARD'), 'y');
  t.equal(assignments.get('NEEDS_LIB'), 'y');
  t.notOk(assignments.has('LIB'));
});

t.test('comparisons', async (t) => {
  const { assignments, reason } = solve(kconfig, base, ['COMPARED']);
  t.equal(reason, undefined);
  t.equal(assignments.get('OLD'), 'n');
  t.match(solve(kconfig, parseConfig('CONFIG_WIDTH=16'), ['COMPARED']).reason, /WIDTH>=32 is not met/);
});

t.test('what cannot be had is named down to its root', async (t) => {
  t.equal(solve(kconfig, base, ['BIG']).reason, 'BIG: MMU is not met (MMU has no prompt and nothing selects it)');
  t.match(solve(kconfig, base, ['BIGGER']).reason, /BIG is not met \(BIG: MMU is not met/);
  t.equal(solve(kconfig, base, ['ABSENT']).reason, "ABSENT is not in this kernel's Kconfig");
  t.match(solve(kconfig, base, ['RING_A']).reason, /RING_B is not met/);
});

t.test('a fragment is kept', async (t) => {
  const preset = parseConfig('CONFIG_CARD=y\n# CONFIG_OLD is not set\n');
  const { assignments } = solve(kconfig, base, ['CARD'], preset);
  t.equal(assignments.get('NET'), 'y');
  t.equal(formatConfig(parseConfig(formatConfig(assignments))), formatConfig(assignments));
});

t.test('explain says when everything was met and Kconfig still refused', async (t) => {
  t.equal(
    explain(kconfig, () => 'n', 'PCI'),
    'olddefconfig set PCI=n',
  );
});
