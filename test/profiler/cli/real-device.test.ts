// SPDX-License-Identifier: MIT
// --device vfio:BDF against a played kernel: what it becomes, and what does not go with it.
import t from 'tap';
import { realDevice, refusePeers } from '../../../profiler/cli/real-device.js';
import { FakeKernel } from '../bind/kernel.js';

const NIC = '0000:00:04.0';
const DISK = '0000:00:05.0';
const SOUND = '0000:00:06.0';
const kernel = new FakeKernel(t.testdir({}), [
  { bdf: NIC, driver: 'vfio-pci', class: '020000', group: '1' },
  { bdf: DISK, driver: 'vfio-pci', class: '010802', group: '2' },
  { bdf: SOUND, driver: 'snd_hda_intel', class: '040300', group: '3' },
]);
const read = (given: readonly string[], options = {}) => realDevice(given, options as never, kernel);

t.test('what the driver process is told', async (t) => {
  t.equal(read(['e1000e']), undefined, 'a model of QEMU');
  t.match(read(['vfio:00:04.0']), { model: `vfio:${NIC}`, real: true, kind: 'net', needsDrive: false });
  t.match(read([`vfio:${DISK},strict`]), { model: `vfio:${DISK},strict`, kind: 'block' });
});

t.test('what is refused, and why', async (t) => {
  const refused = (given: readonly string[], options: object, why: RegExp): void => {
    t.throws(() => read(given, options), { message: why }, given.join(' '));
  };
  refused(['vfio:00:09.0'], {}, /0000:00:09\.0: no such PCI device/);
  refused(['vfio:nonsense'], {}, /"nonsense" is not a PCI address/);
  refused([`vfio:${NIC},fast`], {}, /no option "fast"/);
  refused([`vfio:${SOUND}`], {}, /is bound to snd_hda_intel, not to vfio-pci/);
  refused([`vfio:${NIC}`, 'edu'], {}, /one device of this machine/);
  refused([`vfio:${NIC}`], { pcap: 'x' }, /--pcap is about QEMU's devices/);
  refused([`vfio:${NIC}`], { qemuArg: ['-S'] }, /--qemu-arg is about QEMU's devices/);
  t.throws(() => refusePeers(['ping', 'tcp --bytes 1M']), { message: /the workload tcp needs QEMU's network/ });
  refusePeers(['ping', 'idle --duration 1']);
});
