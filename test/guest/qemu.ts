// SPDX-License-Identifier: MIT
// QEMU's arguments for a guest. TCG only: a result must not depend on whether the host has KVM.

import { existsSync } from 'node:fs';
import { EXIT_PORT } from './init.js';

export interface Machine {
  readonly vmlinux: string;
  readonly initramfs: string;
  readonly console: string;
  readonly qmp: string;
  readonly memoryMib: number;
  readonly cpus: number;
  readonly iommu: boolean;
  /** Virtual time counts instructions: latencies that repeat; one CPU. */
  readonly icount: boolean;
  readonly append: readonly string[];
  readonly devices: readonly string[];
  readonly artefacts?: string | undefined;
  readonly hostRoot: boolean;
}

function shared(tag: string, path: string, more = ''): string[] {
  return [
    '-fsdev',
    `local,id=${tag},path=${path.replaceAll(',', ',,')},security_model=none,multidevs=remap${more}`,
    '-device',
    `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
  ];
}

const QBOOT = '/usr/share/qemu/qboot.rom';

function commandLine({ iommu, icount, append }: Machine): string {
  return [
    // On a loaded host the kernel's check that timer interrupts arrive fails, and with an IOMMU it panics then.
    'console=ttyS0 quiet panic=-1 oops=panic no_timer_check',
    ...(iommu ? ['intel_iommu=on'] : []),
    ...(icount ? ['clocksource=tsc tsc=reliable'] : []),
    ...append,
  ].join(' ');
}

export function qemuArguments(machine: Machine): string[] {
  const { iommu, icount, artefacts, hostRoot } = machine;
  return [
    '-accel',
    icount ? 'tcg,thread=single' : 'tcg',
    ...(icount ? ['-icount', 'shift=4,sleep=off'] : []),
    '-machine',
    'q35',
    '-cpu',
    'max',
    '-m',
    String(machine.memoryMib),
    '-smp',
    String(icount ? 1 : machine.cpus),
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    '-display',
    'none',
    ...(existsSync(QBOOT) ? ['-bios', QBOOT] : []),
    '-serial',
    `file:${machine.console}`,
    '-chardev',
    'stdio,id=output,signal=off',
    '-serial',
    'chardev:output',
    '-qmp',
    `unix:${machine.qmp},server=on,wait=off`,
    '-device',
    `isa-debug-exit,iobase=${EXIT_PORT},iosize=4`,
    // Before all devices that it is to translate for.
    ...(iommu ? ['-device', 'intel-iommu,intremap=on,caching-mode=on'] : []),
    ...(artefacts === undefined ? [] : shared('artefacts', artefacts)),
    ...(hostRoot ? shared('host', '/', ',readonly=on') : []),
    '-kernel',
    machine.vmlinux,
    '-initrd',
    machine.initramfs,
    '-append',
    commandLine(machine),
    ...machine.devices,
  ];
}
