// SPDX-License-Identifier: MIT
// Gives a PCI device to a user-level driver and back to its own. driver_override picks the one device: new_id would take
// every device of its kind.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEVICES, groupMates, type PciDevice, pciDevice } from './devices.js';
import { BindError } from './errors.js';
import { type Host, linkName, read } from './host.js';
import { allSaved, forget, orphans, save, saved, type Saved, startTime } from './state.js';
import { isVital, useText } from './uses.js';

export const TARGETS = { uio: 'uio_pci_generic', vfio: 'vfio-pci' } as const;
export type Target = keyof typeof TARGETS;

export interface BindOptions {
  /** Also if the machine depends on the device. */
  readonly force?: boolean;
  /** This process puts it back; if it is killed, the next start of dde-profile does. */
  readonly hold?: boolean;
}

const DRIVERS = 'sys/bus/pci/drivers';

function driverOf(host: Host, bdf: string): string | undefined {
  return linkName(host, `${DEVICES}/${bdf}/driver`);
}

function write(host: Host, path: string, text: string): void {
  host.write(join(host.root, path), text);
}

function release(host: Host, bdf: string): void {
  const driver = driverOf(host, bdf);
  if (driver !== undefined) write(host, `${DRIVERS}/${driver}/unbind`, bdf);
}

/** An empty line takes the override away. */
function override(host: Host, bdf: string, driver: string | undefined): void {
  write(host, `${DEVICES}/${bdf}/driver_override`, `${driver ?? ''}\n`);
}

/** By UIO a device has interrupts and registers; memory it has by the module uio_dma. */
export function canHaveMemory(host: Host, bdf: string, target: Target): boolean {
  return target !== 'uio' || existsSync(join(host.root, 'dev/uio-dma', bdf));
}

/** What to do when it can not. */
export const NO_UIO_DMA = 'Build and load the module uio_dma: kmod/README.md.';

function refuseVital({ bdf, uses }: PciDevice, force: boolean): void {
  const vital = uses.filter(isVital);
  if (vital.length === 0 || force) return;
  throw new BindError('ERR_DDE_BIND_IN_USE', `${bdf} is in use: ${vital.map(useText).join(', ')}`, {
    advice: '--force takes it all the same: the machine may lose its network or its files.',
  });
}

function checkGroup(host: Host, device: PciDevice): void {
  if (device.group === undefined) {
    throw new BindError('ERR_DDE_BIND_GROUP', `${device.bdf} is behind no IOMMU: vfio cannot be used`, {
      advice: 'Switch the IOMMU on (intel_iommu=on), or use --to uio.',
    });
  }
  const mates = groupMates(host, device);
  if (mates.length === 0) return;
  const list = mates.map(({ bdf, driver }) => `${bdf} (${driver})`).join(', ');
  throw new BindError('ERR_DDE_BIND_GROUP', `IOMMU group ${device.group} also holds ${list}`, {
    advice: 'VFIO hands out whole groups: unbind these first.',
  });
}

function remember(host: Host, { bdf, driver }: PciDevice, hold: boolean): void {
  const text = read(host, `${DEVICES}/${bdf}/driver_override`);
  const start = startTime(host, process.pid);
  save(host, {
    bdf,
    driver,
    override: text === undefined || text === '' || text === '(null)' ? undefined : text,
    holder: hold && start !== undefined ? { pid: process.pid, start } : undefined,
  });
}

/** Binds the device; what it was is kept for restore(). Puts it back if the new driver refuses it. */
export async function bind(host: Host, bdf: string, target: Target, options: BindOptions = {}): Promise<PciDevice> {
  restoreOrphans(host);
  const device = pciDevice(host, bdf);
  const driver = TARGETS[target];
  refuseVital(device, options.force ?? false);
  if (target === 'vfio') checkGroup(host, device);
  if (!existsSync(join(host.root, DRIVERS, driver))) await host.loadModule(driver);
  if (device.driver === driver && saved(host, bdf) === undefined) return device;
  remember(host, device, options.hold ?? false);
  if (device.driver === driver) return device;
  override(host, bdf, driver);
  release(host, bdf);
  let cause: unknown;
  try {
    write(host, 'sys/bus/pci/drivers_probe', bdf);
  } catch (error) {
    cause = error;
  }
  const now = pciDevice(host, bdf);
  if (now.driver === driver) return now;
  restore(host, bdf);
  throw new BindError('ERR_DDE_BIND_REFUSED', `${driver} refused ${bdf}; the device was put back`, {
    advice:
      target === 'uio'
        ? 'uio_pci_generic needs an INTx line that can be masked (PCI 2.3); the kernel log (dmesg) tells more.'
        : 'The kernel log (dmesg) tells why.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Takes the driver away and leaves the device without one. */
export function unbind(host: Host, bdf: string, options: BindOptions = {}): PciDevice {
  restoreOrphans(host);
  const device = pciDevice(host, bdf);
  refuseVital(device, options.force ?? false);
  if (device.driver !== undefined) {
    remember(host, device, options.hold ?? false);
    release(host, bdf);
  }
  return pciDevice(host, bdf);
}

function putBack(host: Host, { bdf, driver, override: before }: Saved): void {
  if (existsSync(join(host.root, DEVICES, bdf))) {
    const now = driverOf(host, bdf);
    override(host, bdf, before);
    if (now !== driver) {
      release(host, bdf);
      if (driver !== undefined) write(host, `${DRIVERS}/${driver}/bind`, bdf);
    }
  }
  // A device that is gone, or came back since, has nothing to be undone.
  forget(host, bdf);
}

/** Puts the device back as it was before the first bind; undefined if it was never bound. */
export function restore(host: Host, bdf: string): PciDevice | undefined {
  const state = saved(host, bdf);
  if (state === undefined) return undefined;
  putBack(host, state);
  return existsSync(join(host.root, DEVICES, bdf)) ? pciDevice(host, bdf) : undefined;
}

/** All that were bound; their addresses. */
export function restoreAll(host: Host): string[] {
  const all = allSaved(host);
  for (const state of all) putBack(host, state);
  return all.map(({ bdf }) => bdf);
}

/** Those whose process was killed before it could put them back; their addresses. */
export function restoreOrphans(host: Host): string[] {
  const left = orphans(host);
  for (const state of left) putBack(host, state);
  return left.map(({ bdf }) => bdf);
}
