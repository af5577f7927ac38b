// SPDX-License-Identifier: MIT
// Point 4, breadth: every PCI driver that has a device model in QEMU. A few classes always; all of them with DDE_LONG=1 (an hour on 2 cores,
// since each driver is compiled). A driver passes when it is bound, and its workload or its interrupt counter says that it worked.
import t from 'tap';
import { ends, run } from '../fixtures/e2e.js';

t.setTimeout(4 * 3600_000);

interface Model {
  readonly driver: string;
  readonly device: string;
  readonly workload: 'ping' | 'block' | 'idle';
  readonly more?: readonly string[];
  /** Least number of interrupts; 0 when the driver has nothing to be interrupted for. */
  readonly irqs?: number;
  /** Runs without DDE_LONG=1, too. */
  readonly always?: true;
}

const MODELS: readonly Model[] = [
  { driver: 'CONFIG_FUSION_SAS', device: 'mptsas1068', workload: 'block', always: true },
  { driver: 'CONFIG_MMC_SDHCI_PCI', device: 'sdhci-pci', workload: 'block' },
  {
    driver: 'CONFIG_SND_HDA_INTEL',
    device: 'intel-hda',
    workload: 'idle',
    more: ['--config', 'CONFIG_SND_HDA_GENERIC'],
    irqs: 10,
  },
  { driver: 'CONFIG_SND_INTEL8X0', device: 'AC97', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_SND_ENS1370', device: 'ES1370', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_USB_XHCI_PCI', device: 'qemu-xhci', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_USB_EHCI_PCI', device: 'usb-ehci', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_USB_UHCI_HCD', device: 'piix3-usb-uhci', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_USB_OHCI_HCD_PCI', device: 'pci-ohci', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_HW_RANDOM_VIRTIO', device: 'virtio-rng-pci', workload: 'idle', irqs: 1 },
  { driver: 'CONFIG_VIRTIO_INPUT', device: 'virtio-keyboard-pci', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_VIRTIO_CONSOLE', device: 'virtio-serial-pci', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_VIRTIO_BLK', device: 'virtio-blk-pci', workload: 'block' },
  { driver: 'CONFIG_SCSI_VIRTIO', device: 'virtio-scsi-pci', workload: 'block' },
  { driver: 'CONFIG_MEGARAID_SAS', device: 'megasas', workload: 'block' },
  { driver: 'CONFIG_SCSI_SYM53C8XX_2', device: 'lsi53c895a', workload: 'block' },
  { driver: 'CONFIG_SCSI_AM53C974', device: 'am53c974', workload: 'block' },
  { driver: 'CONFIG_PCNET32', device: 'pcnet', workload: 'ping' },
  { driver: 'CONFIG_NE2K_PCI', device: 'ne2k_pci', workload: 'ping' },
  { driver: 'CONFIG_TULIP', device: 'tulip', workload: 'ping' },
  { driver: 'CONFIG_VMXNET3', device: 'vmxnet3', workload: 'ping' },
  { driver: 'CONFIG_SERIAL_8250_PCI', device: 'pci-serial', workload: 'idle', irqs: 0 },
  { driver: 'CONFIG_I6300ESB_WDT', device: 'i6300esb', workload: 'idle', irqs: 0 },
];

for (const { driver, device, workload, more = [], irqs, always } of MODELS) {
  const skip = always !== true && process.env['DDE_LONG'] !== '1' ? 'set DDE_LONG=1 for every model' : false;
  t.test(`${driver} on ${device}`, { skip }, async (t) => {
    const words =
      workload === 'ping' ? ['ping', '--count', '20'] : workload === 'idle' ? ['idle', '--duration', '2'] : ['block'];
    const end = await run(['run', driver, '--device', device, ...more, '--', ...words], { timeoutMs: 1200_000 });
    ends(t, end);
    t.equal(end.result.devices.length, 1, 'bound');
    t.match(end.result.results, [{ workload, ok: true }]);
    const count = (end.result.irqs?.irqs ?? []).reduce((sum, irq) => sum + irq.count, 0);
    const least = irqs ?? 10;
    t.ok(count >= least, `${count} interrupts, at least ${least}`);
    t.notMatch(end.stderr, /WARNING:|BUG:|nobody cared/, 'no complaint of the kernel');
  });
}
