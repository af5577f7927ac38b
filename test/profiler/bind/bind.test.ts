// SPDX-License-Identifier: MIT
// Binding against a played kernel: what is written, what is refused, and that everything can be undone.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  bind,
  parseBdf,
  pciDevices,
  restore,
  restoreAll,
  restoreOrphans,
  unbind,
  useText,
} from '../../../profiler/bind/index.js';
import { type FakeDevice, FakeKernel } from './kernel.js';

const NIC = '0000:00:04.0';
const DISK = '0000:00:05.0';

const kernel = (t: Test, ...devices: FakeDevice[]): FakeKernel => new FakeKernel(t.testdir({}), devices);
const nic = (more: Partial<FakeDevice> = {}): FakeDevice => ({ bdf: NIC, driver: 'e1000e', ...more });
const states = (host: FakeKernel): string[] => {
  try {
    return readdirSync(join(host.root, 'run/dde-profile/bind'));
  } catch {
    return [];
  }
};

t.test('there and back', async (t) => {
  const host = kernel(t, nic());
  t.equal((await bind(host, NIC, 'uio')).driver, 'uio_pci_generic');
  t.strictSame(host.writes, [
    `sys/bus/pci/devices/${NIC}/driver_override uio_pci_generic`,
    `sys/bus/pci/drivers/e1000e/unbind ${NIC}`,
    `sys/bus/pci/drivers_probe ${NIC}`,
  ]);
  t.strictSame(states(host), [`${NIC}.json`]);
  t.equal(statSync(join(host.root, `run/dde-profile/bind/${NIC}.json`)).mode & 0o777, 0o600);
  t.equal((await bind(host, NIC, 'uio')).driver, 'uio_pci_generic', 'again is no fault');
  t.equal(restore(host, NIC)?.driver, 'e1000e');
  t.equal(host.override(NIC), '');
  t.strictSame(states(host), []);
  t.equal(restore(host, NIC), undefined, 'nothing is left to put back');
});

t.test('from one back end to the other: the first driver is remembered', async (t) => {
  const host = kernel(t, nic({ group: '7' }));
  await bind(host, NIC, 'uio');
  t.equal((await bind(host, NIC, 'vfio')).driver, 'vfio-pci');
  t.strictSame(host.loaded, ['vfio-pci'], 'the module is loaded if it is not there');
  t.equal(restore(host, NIC)?.driver, 'e1000e');
});

t.test('a device without a driver, and one with an override', async (t) => {
  const host = kernel(t, { bdf: NIC }, { bdf: DISK, driver: 'ahci' });
  await bind(host, NIC, 'uio');
  t.equal(restore(host, NIC)?.driver, undefined);
  writeFileSync(join(host.root, `sys/bus/pci/devices/${DISK}/driver_override`), 'ahci\n');
  await bind(host, DISK, 'uio');
  restore(host, DISK);
  t.equal(host.override(DISK), 'ahci');
  t.equal(host.driver(DISK), 'ahci');
});

t.test('unbind', (t) => {
  const host = kernel(t, nic());
  t.equal(unbind(host, NIC).driver, undefined);
  t.strictSame(restoreAll(host), [NIC]);
  t.equal(host.driver(NIC), 'e1000e');
  t.end();
});

t.test('a driver that refuses', async (t) => {
  const host = kernel(t, nic());
  host.refusing.add('uio_pci_generic');
  await t.rejects(bind(host, NIC, 'uio'), { code: 'ERR_DDE_BIND_REFUSED', message: /refused 0000:00:04\.0/ });
  t.equal(host.driver(NIC), 'e1000e', 'the device was put back');
  t.strictSame(states(host), []);
});

t.test('the default route', async (t) => {
  const route = (name: string) =>
    `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n${name}\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\n`;
  const host = kernel(t, nic({ below: ['net/eth0'] }));
  host.file('proc/net/route', route('eth1'));
  t.strictSame(pciDevices(host)[0]?.uses.map(useText), ['eth0']);
  host.file('proc/net/route', route('eth0'));
  await t.rejects(bind(host, NIC, 'uio'), {
    code: 'ERR_DDE_BIND_IN_USE',
    message: '0000:00:04.0 is in use: eth0 carries the default route',
  });
  t.throws(() => unbind(host, NIC), { code: 'ERR_DDE_BIND_IN_USE' });
  t.strictSame(host.writes, [], 'nothing was done');
  t.equal((await bind(host, NIC, 'uio', { force: true })).driver, 'uio_pci_generic', 'unless forced');
});

t.test('a default route over a bridge, a VLAN, or of IPv6', async (t) => {
  const host = kernel(t, nic({ below: ['net/eth0'] }));
  host.file('sys/class/net/br0/lower_eth0/x', '');
  host.file('sys/class/net/br0.5/lower_br0/x', '');
  const zero = '0'.repeat(32);
  host.file('proc/net/ipv6_route', `${zero} 00 ${zero} 00 ${zero} 00000400 1 0 00000003 br0.5\n`);
  await t.rejects(bind(host, NIC, 'uio'), { code: 'ERR_DDE_BIND_IN_USE', message: /eth0 carries the default route/ });
  host.file('proc/net/ipv6_route', `${zero} 00 ${zero} 00 ${zero} ffffffff 1 0 00200200 lo\n`);
  t.equal((await bind(host, NIC, 'uio')).driver, 'uio_pci_generic');
});

const disk = (): FakeDevice => ({
  bdf: DISK,
  driver: 'ahci',
  class: '010601',
  below: ['ata1/block/sda', 'ata1/block/sda/sda1'],
});
const SDA1 = `sys/devices/pci0000:00/${DISK}/ata1/block/sda/sda1`;

t.test('a mounted disk', async (t) => {
  const host = kernel(t, disk());
  t.strictSame(
    pciDevices(host)[0]?.uses.map(({ what }) => what),
    ['disk', 'disk'],
  );
  host.link('sys/dev/block/8:1', SDA1);
  host.file('proc/self/mountinfo', '22 1 8:1 / /srv rw,relatime shared:1 - ext4 /dev/sda1 rw\n');
  await t.rejects(bind(host, DISK, 'uio'), { message: /\/dev\/sda1 is mounted on \/srv/ });
});

t.test('a file system on LVM on the disk, btrfs, and swap', async (t) => {
  const dm = kernel(t, disk());
  dm.file('sys/devices/virtual/block/dm-0/dm/name', 'root');
  dm.link('sys/devices/virtual/block/dm-0/slaves/sda1', SDA1);
  dm.link('sys/dev/block/254:0', 'sys/devices/virtual/block/dm-0');
  dm.file('proc/self/mountinfo', '22 1 254:0 / / rw - ext4 /dev/mapper/root rw\n');
  await t.rejects(bind(dm, DISK, 'uio'), { message: /\/dev\/sda1 is mounted on \// });

  const btrfs = kernel(t, disk());
  btrfs.file('proc/self/mountinfo', '22 1 0:31 / /home rw - btrfs /dev/sda1 rw\n');
  await t.rejects(bind(btrfs, DISK, 'uio'), { message: /\/dev\/sda1 is mounted on \/home/ });

  const swap = kernel(t, disk());
  swap.file('proc/swaps', 'Filename\tType\tSize\tUsed\tPriority\n/dev/sda1 partition 1 0 -2\n');
  await t.rejects(bind(swap, DISK, 'uio'), { message: /\/dev\/sda1 is used for swap/ });
});

t.test('IOMMU groups', async (t) => {
  const none = kernel(t, nic());
  await t.rejects(bind(none, NIC, 'vfio'), { code: 'ERR_DDE_BIND_GROUP', message: /behind no IOMMU/ });
  const bridge = { bdf: '0000:00:03.0', driver: 'pcieport', class: '060400', group: '3' };
  const host = kernel(t, nic({ group: '3' }), bridge, { bdf: DISK, driver: 'ahci', group: '3' });
  await t.rejects(bind(host, NIC, 'vfio'), { message: 'IOMMU group 3 also holds 0000:00:05.0 (ahci)' });
  unbind(host, DISK);
  t.equal((await bind(host, NIC, 'vfio')).driver, 'vfio-pci', 'a bridge may stay');
});

t.test('a holder that was killed', async (t) => {
  const host = kernel(t, nic(), { bdf: DISK, driver: 'ahci' });
  await bind(host, NIC, 'uio', { hold: true });
  await bind(host, DISK, 'uio');
  t.strictSame(restoreOrphans(host), [], 'while the holder lives nothing is put back');
  // Another process with the same number is not the holder.
  host.file(`proc/${process.pid}/stat`, `${process.pid} (node) S ${Array(18).fill('0').join(' ')} 12345 0`);
  t.strictSame(restoreOrphans(host), [NIC], 'only what it held');
  t.equal(host.driver(NIC), 'e1000e');
  t.equal(host.driver(DISK), 'uio_pci_generic');
});

t.test('a device that was unplugged meanwhile', async (t) => {
  const host = kernel(t, nic());
  await bind(host, NIC, 'uio');
  host.unplug(NIC);
  t.strictSame(restoreAll(host), [NIC]);
  t.strictSame(states(host), []);
});

t.test('addresses', async (t) => {
  t.equal(parseBdf('00:1F.6'), '0000:00:1f.6');
  t.equal(parseBdf('10000:e1:00.0'), '10000:e1:00.0');
  for (const bad of ['', '4', 'eth0', '00:04', '00:04.8', '00:24.0', '0000:00:04.0/..', '0000:00:04.0x']) {
    t.throws(() => parseBdf(bad), { code: 'ERR_DDE_BIND_ADDRESS' }, bad);
  }
  await t.rejects(bind(kernel(t), NIC, 'uio'), { code: 'ERR_DDE_BIND_NO_DEVICE' });
});
