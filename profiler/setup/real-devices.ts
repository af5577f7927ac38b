// SPDX-License-Identifier: MIT
// Whether this machine's kernel can hand a real PCI device to a process: by VFIO, or by UIO with the module uio_dma.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './doctor.js';

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Loaded, built in, or there to be loaded. File names have - or _ as their authors liked; the kernel takes both for one. */
function hasModule(root: string, name: string): boolean {
  if (existsSync(join(root, 'sys/module', name))) return true;
  const folder = join(root, 'lib/modules', text(join(root, 'proc/sys/kernel/osrelease')).trim());
  return ['modules.dep', 'modules.builtin'].some((list) =>
    text(join(folder, list))
      .split('\n')
      .some((line) => /([^/:]+)\.ko/.exec(line)?.[1]?.replaceAll('-', '_') === name),
  );
}

function groupCount(root: string): number {
  try {
    return readdirSync(join(root, 'sys/kernel/iommu_groups')).length;
  } catch {
    return 0;
  }
}

function vfioCheck(root: string): Check {
  const name = 'vfio';
  if (!hasModule(root, 'vfio_pci')) {
    return { name, state: 'absent', detail: 'this kernel has no module vfio-pci', fix: 'boot a kernel that has it' };
  }
  const groups = groupCount(root);
  if (groups > 0) return { name, state: 'ok', detail: `vfio-pci, IOMMU groups: ${groups}` };
  const fix = 'switch the IOMMU on in the firmware and boot with intel_iommu=on (AMD: on by itself)';
  return { name, state: 'absent', detail: 'vfio-pci, but no IOMMU: no device can be bound to it', fix };
}

function uioCheck(root: string): Check {
  const name = 'uio';
  if (!hasModule(root, 'uio_pci_generic')) {
    const detail = 'this kernel has no module uio_pci_generic';
    return { name, state: 'absent', detail, fix: 'boot a kernel that has it' };
  }
  if (hasModule(root, 'uio_dma')) return { name, state: 'ok', detail: 'uio_pci_generic, uio_dma' };
  const detail = 'uio_pci_generic, but no uio_dma for this kernel: no DMA';
  return { name, state: 'absent', detail, fix: 'build and load it: kmod/README.md' };
}

/** `root` comes before /sys, /proc and /lib. Neither is a fault: QEMU's device server needs none of it. */
export function realDeviceChecks(root: string): Check[] {
  return [vfioCheck(root), uioCheck(root)];
}
