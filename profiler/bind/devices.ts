// SPDX-License-Identifier: MIT
// The PCI devices of this machine: driver, IOMMU group, what uses them.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BindError } from './errors.js';
import { type Host, linkName, names, read, real } from './host.js';
import { usesOf, type Use } from './uses.js';

export interface PciDevice {
  /** Such as 0000:00:04.0. */
  readonly bdf: string;
  /** Four hexadecimal digits each. */
  readonly vendor: string;
  readonly device: string;
  /** Class, subclass and interface: six hexadecimal digits. */
  readonly class: string;
  readonly driver: string | undefined;
  readonly group: string | undefined;
  readonly uses: readonly Use[];
}

export const DEVICES = 'sys/bus/pci/devices';

const BDF = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7])$/i;

/** The address as sysfs writes it; the domain may be left out. */
export function parseBdf(text: string): string {
  const [, domain = '0000', bus, slot, fn] = BDF.exec(text) ?? [];
  if (bus === undefined || slot === undefined || fn === undefined) {
    throw new BindError('ERR_DDE_BIND_ADDRESS', `"${text}" is not a PCI address`, {
      advice: 'Expected [DOMAIN:]BUS:DEVICE.FUNCTION, such as 0000:00:1f.6; `dde-profile list --pci` shows them.',
    });
  }
  return `${domain}:${bus}:${slot}.${fn}`.toLowerCase();
}

const digits = (text: string | undefined): string => (text ?? '').replace(/^0x/, '');

function describe(host: Host, bdf: string): PciDevice {
  const path = `${DEVICES}/${bdf}`;
  return {
    bdf,
    vendor: digits(read(host, `${path}/vendor`)),
    device: digits(read(host, `${path}/device`)),
    class: digits(read(host, `${path}/class`)),
    driver: linkName(host, `${path}/driver`),
    group: linkName(host, `${path}/iommu_group`),
    uses: usesOf(host, real(host, path) ?? join(host.root, path)),
  };
}

/** In the order of their addresses. */
export function pciDevices(host: Host): PciDevice[] {
  return names(host, DEVICES).map((bdf) => describe(host, bdf));
}

export function pciDevice(host: Host, bdf: string): PciDevice {
  if (!existsSync(join(host.root, DEVICES, bdf))) {
    throw new BindError('ERR_DDE_BIND_NO_DEVICE', `${bdf}: no such PCI device`, {
      advice: '`dde-profile list --pci` shows the devices.',
    });
  }
  return describe(host, bdf);
}

/** Other devices of the group that a driver holds, but for bridges, which may stay, and those for VFIO. */
export function groupMates(host: Host, { bdf, group }: PciDevice): PciDevice[] {
  if (group === undefined) return [];
  return names(host, `sys/kernel/iommu_groups/${group}/devices`)
    .filter((other) => other !== bdf)
    .map((other) => describe(host, other))
    .filter(({ driver, class: kind }) => driver !== undefined && driver !== 'vfio-pci' && !kind.startsWith('0604'));
}
