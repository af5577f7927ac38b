// SPDX-License-Identifier: MIT
import t from 'tap';
import { changedOptions, inLinkOrder, outermost, readMentions } from '../../../../runtime/build/kbuild/affected.js';

const config = (values: Record<string, string>): Map<string, string> => new Map(Object.entries(values));

t.test('options that came or changed; one that went makes everything necessary', (t) => {
  t.same(changedOptions(config({ A: 'y', B: 'n' }), config({ A: 'y', B: 'y', C: '"text"', D: 'n' })), ['B', 'C']);
  t.same(changedOptions(config({ A: '16' }), config({ A: '32' })), ['A']);
  t.equal(changedOptions(config({ A: 'y' }), config({ A: 'n' })), undefined);
  t.equal(changedOptions(config({ A: 'y' }), config({})), undefined);
  t.end();
});

t.test('folders whose makefiles name an option', (t) => {
  const lines =
    'drivers/net/Makefile:CONFIG_MII\ndrivers/net/Makefile:CONFIG_MII\nlib/Kbuild:CONFIG_MII\nlib/Kbuild:CONFIG_CRC32\n';
  t.same(readMentions(lines), { MII: ['drivers/net', 'lib'], CRC32: ['lib'] });
  t.same(outermost(['net/core', 'net/corex', 'net/core/a/b', 'net/core']), ['net/core', 'net/corex']);
  t.end();
});

t.test('folders in the order of the link', async (t) => {
  const makefiles: Record<string, string> = {
    drivers: 'obj-y += pci/\nobj-y += usb/ net/\nobj-$(CONFIG_PTP) += ptp/\n',
    'drivers/net': 'obj-y += phy/\nobj-y += ethernet/\n',
  };
  const folders = ['drivers/ptp', 'sound/pci', 'drivers/net/ethernet', 'lib/crypto', 'drivers/net/phy', 'kernel/time'];
  t.same(await inLinkOrder(folders, async (dir) => makefiles[dir] ?? ''), [
    'kernel/time',
    'lib/crypto',
    'drivers/net/phy',
    'drivers/net/ethernet',
    'drivers/ptp',
    'sound/pci',
  ]);
});
