// SPDX-License-Identifier: MIT
// A folder tree that looks like /sys and /proc, and a kernel that acts on what is written there.

import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Host } from '../../../profiler/bind/index.js';

export interface FakeDevice {
  readonly bdf: string;
  readonly driver?: string;
  readonly group?: string;
  readonly class?: string;
  /** Folders below the device, such as net/eth0 or block/sda/sda1. */
  readonly below?: readonly string[];
}

export class FakeKernel implements Host {
  readonly root: string;
  /** All writes, in order. */
  readonly writes: string[] = [];
  readonly loaded: string[] = [];
  /** The driver each device gets when there is no override. */
  readonly #own = new Map<string, string>();
  /** Drivers whose probe fails. */
  readonly refusing = new Set<string>();

  constructor(root: string, devices: readonly FakeDevice[]) {
    this.root = root;
    for (const device of devices) this.#add(device);
    for (const name of ['uio_pci_generic']) this.#folder(`sys/bus/pci/drivers/${name}`);
    this.file('sys/bus/pci/drivers_probe', '');
    // This process, so that it can be a holder.
    this.file(`proc/${process.pid}/stat`, readFileSync(`/proc/${process.pid}/stat`, 'utf8'));
  }

  file(path: string, text: string): void {
    this.#folder(dirname(path));
    writeFileSync(join(this.root, path), text);
  }

  link(path: string, target: string): void {
    this.#folder(dirname(path));
    const full = join(this.root, path);
    rmSync(full, { force: true });
    symlinkSync(relative(dirname(full), join(this.root, target)), full);
  }

  driver(bdf: string): string | undefined {
    try {
      return basename(readlinkSync(this.#path(`sys/bus/pci/devices/${bdf}/driver`)));
    } catch {
      return undefined;
    }
  }

  override(bdf: string): string {
    return readFileSync(this.#path(`sys/bus/pci/devices/${bdf}/driver_override`), 'utf8').trim();
  }

  unplug(bdf: string): void {
    rmSync(this.#path(`sys/bus/pci/devices/${bdf}`));
  }

  async loadModule(name: string): Promise<void> {
    this.loaded.push(name);
    this.#folder(`sys/bus/pci/drivers/${name}`);
  }

  write(path: string, text: string): void {
    const inside = relative(this.root, path);
    this.writes.push(`${inside} ${text.trim()}`);
    if (!existsSync(path) && !/\/(unbind|bind)$/.test(path)) throw new Error(`${inside}: no such file`);
    if (inside.endsWith('/unbind')) rmSync(this.#path(`sys/bus/pci/devices/${text}/driver`));
    else if (inside.endsWith('/bind')) this.#attach(text, basename(dirname(inside)));
    else if (inside.endsWith('drivers_probe')) this.#probe(text);
    else writeFileSync(path, text);
  }

  #probe(bdf: string): void {
    const driver = this.override(bdf) || this.#own.get(bdf);
    if (driver !== undefined && this.driver(bdf) === undefined) this.#attach(bdf, driver);
  }

  #attach(bdf: string, driver: string): void {
    if (this.refusing.has(driver)) throw new Error('ENODEV');
    const override = this.override(bdf);
    if (override !== '' && override !== driver) throw new Error('ENODEV: another driver is asked for');
    this.link(`sys/bus/pci/devices/${bdf}/driver`, `sys/bus/pci/drivers/${driver}`);
  }

  #add({ bdf, driver, group, class: kind = '020000', below = [] }: FakeDevice): void {
    const real = `sys/devices/pci0000:00/${bdf}`;
    const files = { vendor: '0x8086\n', device: '0x10d3\n', class: `0x${kind}\n`, driver_override: '(null)\n' };
    for (const [name, text] of Object.entries(files)) this.file(`${real}/${name}`, text);
    this.link(`sys/bus/pci/devices/${bdf}`, real);
    if (driver !== undefined) {
      this.#own.set(bdf, driver);
      this.#folder(`sys/bus/pci/drivers/${driver}`);
      this.link(`${real}/driver`, `sys/bus/pci/drivers/${driver}`);
    }
    if (group !== undefined) {
      this.#folder(`sys/kernel/iommu_groups/${group}/devices`);
      this.link(`${real}/iommu_group`, `sys/kernel/iommu_groups/${group}`);
      this.link(`sys/kernel/iommu_groups/${group}/devices/${bdf}`, real);
    }
    for (const path of below) {
      this.#folder(`${real}/${path}`);
      const kinds = path.startsWith('net/') ? 'net' : 'block';
      this.link(`sys/class/${kinds}/${basename(path)}`, `${real}/${path}`);
    }
  }

  #path(path: string): string {
    // The device's folder may be a link: what is written goes through it.
    return join(this.root, path);
  }

  #folder(path: string): void {
    mkdirSync(join(this.root, path), { recursive: true });
  }
}
