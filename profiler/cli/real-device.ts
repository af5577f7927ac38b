// SPDX-License-Identifier: MIT
// `--device vfio:BDF[,strict]`: a device of this machine in place of QEMU's models.

import { HOST, type Host, type PciDevice, parseBdf, pciDevice, TARGETS } from '../bind/index.js';
import type { DeviceKind, DeviceSpec } from '../run/index.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import type { RunOptions } from './options/shared.js';

const PREFIX = 'vfio:';
/** Options that are about QEMU's models, by the name of their property. */
const OF_QEMU = {
  drive: '--drive',
  pcap: '--pcap',
  qemuTrace: '--qemu-trace',
  qemuArg: '--qemu-arg',
  qmp: '--qmp',
} as const;

/** By the base class of PCI: a network card, a mass storage controller. */
function kindOf({ class: digits }: PciDevice): DeviceKind {
  if (digits.startsWith('02')) return 'net';
  return digits.startsWith('01') ? 'block' : 'other';
}

function readDevice(text: string, host: Host): DeviceSpec {
  const [address = '', ...options] = text.slice(PREFIX.length).split(',');
  const unknown = options.find((option) => option !== 'strict');
  if (unknown !== undefined) {
    throw new CliError(EXIT.usage, `--device ${text}: no option ${JSON.stringify(unknown)}`, 'There is one: strict.');
  }
  const device = pciDevice(host, parseBdf(address));
  if (device.driver !== TARGETS.vfio) {
    const text = `${device.bdf} is bound to ${device.driver ?? 'no driver'}, not to ${TARGETS.vfio}`;
    throw new CliError(EXIT.backEnd, text, `Bind it: dde-profile bind ${device.bdf} --to vfio`);
  }
  const model = `${PREFIX}${device.bdf}${options.length > 0 ? ',strict' : ''}`;
  return {
    model,
    real: true,
    kind: kindOf(device),
    options: new Map(),
    needsDrive: false,
    synchronousWrites: false,
  };
}

/** The device, if --device names one of this machine. */
export function realDevice(given: readonly string[], options: RunOptions, host = HOST): DeviceSpec | undefined {
  const text = given.find((one) => one.startsWith(PREFIX));
  if (text === undefined) return undefined;
  if (given.length > 1) {
    throw new CliError(EXIT.usage, `--device ${text} and another: a driver process has one device of this machine`);
  }
  for (const [name, option] of Object.entries(OF_QEMU)) {
    if (options[name as keyof typeof OF_QEMU] === undefined) continue;
    throw new CliError(EXIT.usage, `${option} is about QEMU's devices: not with --device ${text}`);
  }
  return readDevice(text, host);
}

/** Their peers are on this machine, behind QEMU's network. */
export function refusePeers(workloads: readonly string[]): void {
  const found = workloads.find((workload) => /^\s*(tcp|udp)\b/.test(workload));
  if (found === undefined) return;
  throw new CliError(
    EXIT.usage,
    `the workload ${found.trim().split(/\s/)[0]} needs QEMU's network: not with a real device`,
  );
}
