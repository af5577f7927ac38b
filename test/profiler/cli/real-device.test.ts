// SPDX-License-Identifier: MIT
// --device vfio:BDF against a played kernel: what it becomes, and what does not go with it.
import t from 'tap';
import { cardAddress, peerAdvice, realDevice } from '../../../profiler/cli/real-device.js';
import { FakeKernel } from '../bind/kernel.js';

const NIC = '0000:00:04.0';
const DISK = '0000:00:05.0';
const SOUND = '0000:00:06.0';
const SECOND = '0000:00:07.0';
const kernel = new FakeKernel(t.testdir({}), [
  { bdf: NIC, driver: 'vfio-pci', class: '020000', group: '1' },
  { bdf: DISK, driver: 'vfio-pci', class: '010802', group: '2' },
  { bdf: SOUND, driver: 'snd_hda_intel', class: '040300', group: '3' },
  { bdf: SECOND, driver: 'uio_pci_generic', class: '020000' },
  { bdf: '0000:00:08.0', driver: 'uio_pci_generic', class: '020000' },
]);
const LATER = '0000:00:08.0';
kernel.file(`dev/uio-dma/${SECOND}`, '');
const read = (given: readonly string[], options = {}) => realDevice(given, options as never, kernel);

t.test('what the driver process is told', async (t) => {
  t.equal(read(['e1000e']), undefined, 'a model of QEMU');
  t.match(read(['vfio:00:04.0']), { model: `vfio:${NIC}`, real: true, kind: 'net', needsDrive: false });
  t.match(read([`vfio:${DISK},strict`]), { model: `vfio:${DISK},strict`, kind: 'block' });
  t.match(read(['uio:00:07.0']), { model: `uio:${SECOND}`, real: true, kind: 'net' });
  t.match(read([`uio:${SECOND},zero-copy`]), { model: `uio:${SECOND},zero-copy` });
});

t.test('the address of a card', async (t) => {
  t.equal(cardAddress(undefined, false), undefined);
  t.strictSame(cardAddress(undefined, true), { cmdline: 'dde.address=10.0.2.15/24', host: '10.0.2.15' });
  t.match(cardAddress('192.168.1.20/22', true), { cmdline: 'dde.address=192.168.1.20/22' });
  for (const wrong of ['192.168.1.20', '192.168.1.300/24', '192.168.1.20/31', '::1/64', '10.0.0.1/24 quiet']) {
    t.throws(() => cardAddress(wrong, true), { message: /not an IPv4 address and its prefix/ }, wrong);
  }
  t.match(
    peerAdvice('tcp', { device: [`vfio:${NIC}`], address: '10.1.2.3/8' }),
    /^tcp: .* dde-profile peer 10\.1\.2\.3$/,
  );
  t.equal(peerAdvice('tcp', { device: ['e1000e'] }), undefined, 'QEMU has its peer by itself');
  t.throws(() => cardAddress('10.0.0.1/24', false), { message: /--address is for a device of this machine/ });
});

t.test('what is refused, and why', async (t) => {
  const refused = (given: readonly string[], options: object, why: RegExp): void => {
    t.throws(() => read(given, options), { message: why }, given.join(' '));
  };
  refused(['vfio:00:09.0'], {}, /0000:00:09\.0: no such PCI device/);
  refused(['vfio:nonsense'], {}, /"nonsense" is not a PCI address/);
  refused([`vfio:${NIC},fast`], {}, /no option "fast"/);
  refused([`uio:${SECOND},strict`], {}, /no option "strict"/);
  refused([`uio:${SECOND},copy,arena`], {}, /no option "copy,arena"/);
  refused([`uio:${LATER}`], {}, /0000:00:08\.0 has no DMA: there is no \/dev\/uio-dma/);
  refused([`uio:${NIC}`], {}, /is bound to vfio-pci, not to uio_pci_generic/);
  refused([`vfio:${SOUND}`], {}, /is bound to snd_hda_intel, not to vfio-pci/);
  refused([`vfio:${NIC}`, 'edu'], {}, /one device of this machine/);
  refused(['edu'], { hugePages: true }, /--huge-pages is for a device of this machine/);
  refused([`vfio:${NIC}`], { pcap: 'x' }, /--pcap is about QEMU's devices/);
  refused([`vfio:${NIC}`], { qemuArg: ['-S'] }, /--qemu-arg is about QEMU's devices/);
});
