// SPDX-License-Identifier: MIT
// What the tool knows of QEMU's PCI device models: what each needs beside it, and how it may be driven. A model that is not
// listed is given to QEMU as the user wrote it.

export type DeviceKind = 'net' | 'block' | 'other';

export interface ModelRule {
  readonly kind: DeviceKind;
  /** Options that the model gets unless the user sets them. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** It must have a serial number, and no two of them the same. */
  readonly serial?: true;
  /** How a disk is attached: by the model's own drive=, or by a second device on its bus. */
  readonly disk?: 'own' | 'ide-hd' | 'scsi-hd' | 'sd-card';
  /** What the second device needs: mptsas takes no disk that has no SAS address. */
  readonly diskOptions?: string;
  /** An audiodev is named by the model itself, or by a codec on its bus. */
  readonly audio?: 'own' | 'hda-duplex';
  /** A character device without an end. */
  readonly chardev?: true;
  /** Posted writes race with this model: the driver runs on while the model works (facts: i8255x, rtl8139). */
  readonly synchronousWrites?: true;
}

const net: ModelRule = { kind: 'net' };
const ide: ModelRule = { kind: 'block', disk: 'ide-hd' };
const scsi: ModelRule = { kind: 'block', disk: 'scsi-hd' };
const i8255x: ModelRule = { kind: 'net', synchronousWrites: true };

export const MODELS: Readonly<Record<string, ModelRule>> = {
  e1000: net,
  'e1000-82544gc': net,
  'e1000-82545em': net,
  e1000e: net,
  igb: net,
  'virtio-net-pci': net,
  'virtio-net-pci-transitional': net,
  'virtio-net-pci-non-transitional': net,
  vmxnet3: net,
  ne2k_pci: net,
  pcnet: net,
  tulip: net,
  rtl8139: { kind: 'net', synchronousWrites: true },
  i82550: i8255x,
  i82551: i8255x,
  i82557a: i8255x,
  i82557b: i8255x,
  i82557c: i8255x,
  i82558a: i8255x,
  i82558b: i8255x,
  i82559a: i8255x,
  i82559b: i8255x,
  i82559c: i8255x,
  i82559er: i8255x,
  i82562: i8255x,
  i82801: i8255x,
  nvme: { kind: 'block', disk: 'own', serial: true },
  'virtio-blk-pci': { kind: 'block', disk: 'own' },
  'virtio-blk-pci-transitional': { kind: 'block', disk: 'own' },
  'virtio-blk-pci-non-transitional': { kind: 'block', disk: 'own' },
  'ich9-ahci': ide,
  'piix3-ide': ide,
  'piix4-ide': ide,
  'virtio-scsi-pci': scsi,
  lsi53c810: scsi,
  lsi53c895a: scsi,
  am53c974: scsi,
  dc390: scsi,
  megasas: scsi,
  'megasas-gen2': scsi,
  mptsas1068: { ...scsi, diskOptions: 'wwn=0x5000c50015ea71ad' },
  pvscsi: scsi,
  'sdhci-pci': { kind: 'block', disk: 'sd-card' },
  'intel-hda': { kind: 'other', audio: 'hda-duplex' },
  'ich9-intel-hda': { kind: 'other', audio: 'hda-duplex' },
  AC97: { kind: 'other', audio: 'own' },
  ES1370: { kind: 'other', audio: 'own' },
  'pci-serial': { kind: 'other', chardev: true },
  edu: { kind: 'other' },
};

/** Short names that people use. */
const ALIASES: Readonly<Record<string, string>> = {
  ahci: 'ich9-ahci',
  'virtio-net': 'virtio-net-pci',
  'virtio-blk': 'virtio-blk-pci',
  'virtio-scsi': 'virtio-scsi-pci',
};

/** The model that is tried when a driver is given without --device. */
const MODEL_OF_DRIVER: Readonly<Record<string, string>> = {
  e1000: 'e1000',
  e1000e: 'e1000e',
  igb: 'igb',
  virtio_net: 'virtio-net-pci',
  vmxnet3: 'vmxnet3',
  'ne2k-pci': 'ne2k_pci',
  ne2k_pci: 'ne2k_pci',
  pcnet32: 'pcnet',
  tulip: 'tulip',
  '8139cp': 'rtl8139',
  '8139too': 'rtl8139',
  e100: 'i82557b',
  nvme: 'nvme',
  virtio_blk: 'virtio-blk-pci',
  ahci: 'ich9-ahci',
  virtio_scsi: 'virtio-scsi-pci',
  sym53c8xx: 'lsi53c895a',
  am53c974: 'am53c974',
  megaraid_sas: 'megasas',
  mptsas: 'mptsas1068',
  vmw_pvscsi: 'pvscsi',
  sdhci_pci: 'sdhci-pci',
  snd_hda_intel: 'intel-hda',
  snd_intel8x0: 'AC97',
  snd_ens1370: 'ES1370',
  '8250_pci': 'pci-serial',
  xhci_pci: 'qemu-xhci',
  i6300esb: 'i6300esb',
};

export function canonicalModel(name: string): string {
  return ALIASES[name] ?? name;
}

export function modelRule(model: string): ModelRule {
  return MODELS[canonicalModel(model)] ?? { kind: 'other' };
}

/** `driver` may be written with - or _, as module names are. */
export function modelOfDriver(driver: string): string | undefined {
  return MODEL_OF_DRIVER[driver] ?? MODEL_OF_DRIVER[driver.replaceAll('-', '_')];
}
