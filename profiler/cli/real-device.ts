// SPDX-License-Identifier: MIT
// `--device vfio:BDF[,strict]` and `--device uio:BDF[,copy|zero-copy|arena]`: a device of this machine in place of QEMU's models.

import { isIPv4 } from 'node:net';

import {
  canHaveMemory,
  HOST,
  type Host,
  NO_UIO_DMA,
  type PciDevice,
  parseBdf,
  pciDevice,
  TARGETS,
  type Target,
} from '../bind/index.js';
import type { DeviceKind, DeviceSpec } from '../run/index.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import type { RunOptions } from './options/shared.js';

/** What may follow the address, at most one: how the device reaches memory. */
const MODES: Readonly<Record<Target, readonly string[]>> = { vfio: ['strict'], uio: ['copy', 'zero-copy', 'arena'] };

function backEnd(text: string): Target | undefined {
  return (Object.keys(MODES) as Target[]).find((target) => text.startsWith(`${target}:`));
}

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

function readDevice(text: string, target: Target, host: Host): DeviceSpec {
  const [address = '', ...modes] = text.slice(target.length + 1).split(',');
  const unknown = modes.length > 1 ? modes.join(',') : modes.find((mode) => !MODES[target].includes(mode));
  if (unknown !== undefined) {
    const advice = `There is, one at a time: ${MODES[target].join(', ')}.`;
    throw new CliError(EXIT.usage, `--device ${text}: no option ${JSON.stringify(unknown)}`, advice);
  }
  const device = pciDevice(host, parseBdf(address));
  if (device.driver !== TARGETS[target]) {
    const text = `${device.bdf} is bound to ${device.driver ?? 'no driver'}, not to ${TARGETS[target]}`;
    throw new CliError(EXIT.backEnd, text, `Bind it: dde-profile bind ${device.bdf} --to ${target}`);
  }
  if (!canHaveMemory(host, device.bdf, target))
    throw new CliError(EXIT.backEnd, `${device.bdf} has no DMA: there is no /dev/uio-dma/${device.bdf}`, NO_UIO_DMA);
  const model = [`${target}:${device.bdf}`, ...modes].join(',');
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
  const text = given.find((one) => backEnd(one) !== undefined);
  if (text === undefined && options.hugePages === true)
    throw new CliError(EXIT.usage, '--huge-pages is for a device of this machine: --device vfio:BDF or uio:BDF');
  const target = text === undefined ? undefined : backEnd(text);
  if (text === undefined || target === undefined) return undefined;
  if (given.length > 1) {
    throw new CliError(EXIT.usage, `--device ${text} and another: a driver process has one device of this machine`);
  }
  for (const [name, option] of Object.entries(OF_QEMU)) {
    if (options[name as keyof typeof OF_QEMU] === undefined) continue;
    throw new CliError(EXIT.usage, `${option} is about QEMU's devices: not with --device ${text}`);
  }
  return readDevice(text, target, host);
}

const DEFAULT_ADDRESS = '10.0.2.15/24';
const ADDRESS = /^((?:\d{1,3}\.){3}\d{1,3})\/(\d{1,2})$/;

/** What to say when a workload waits for its other end, which for a card of this machine nobody starts for the user. */
export function peerAdvice(
  protocol: string,
  { device, address }: Pick<RunOptions, 'device' | 'address'>,
): string | undefined {
  const real = device?.some((one) => backEnd(one) !== undefined) === true;
  const card = cardAddress(real ? address : undefined, real);
  return (
    card &&
    `${protocol}: waiting for the other end; on the machine at the end of the cable: dde-profile peer ${card.host}`
  );
}

/** --address, for a card of this machine: the words of the kernel's command line, and what a peer is told. */
export function cardAddress(text: string | undefined, real: boolean): { cmdline: string; host: string } | undefined {
  if (text !== undefined && !real) {
    throw new CliError(EXIT.usage, "--address is for a device of this machine; QEMU's network gives its own");
  }
  if (!real) return undefined;
  const [, host = '', prefix] = ADDRESS.exec(text ?? DEFAULT_ADDRESS) ?? [];
  if (!isIPv4(host) || Number(prefix) < 1 || Number(prefix) > 30) {
    throw new CliError(EXIT.usage, `--address ${text}: not an IPv4 address and its prefix, such as 192.168.1.20/24`);
  }
  return { cmdline: `dde.address=${host}/${prefix}`, host };
}
