// SPDX-License-Identifier: MIT
// From --device, --net, --pcap and --drive to QEMU's arguments. Pure: files and ports are chosen by the caller.

import { LaunchError } from '../builds/errors.js';
import { canonicalModel, type DeviceKind, modelRule } from './models.js';

export interface DeviceSpec {
  readonly model: string;
  /** Of this machine: `model` is what the driver process is told, and there is no QEMU. */
  readonly real?: true;
  readonly kind: DeviceKind;
  readonly options: ReadonlyMap<string, string>;
  readonly needsDrive: boolean;
  readonly synchronousWrites: boolean;
}

/** Reads `MODEL[,option=value]...`; an option without a value means `on`, as for QEMU. */
export function parseDevice(text: string): DeviceSpec {
  const [name = '', ...rest] = text.split(',');
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
    throw new LaunchError('ERR_DDE_DEVICE', `--device ${JSON.stringify(text)}: not a device model's name`);
  }
  const options = new Map<string, string>();
  for (const part of rest) {
    const at = part.indexOf('=');
    if (part === '' || at === 0) {
      throw new LaunchError('ERR_DDE_DEVICE', `--device ${JSON.stringify(text)}: an option has no name`);
    }
    options.set(at < 0 ? part : part.slice(0, at), at < 0 ? 'on' : part.slice(at + 1));
  }
  const model = canonicalModel(name);
  const rule = modelRule(model);
  return {
    model,
    kind: rule.kind,
    options,
    needsDrive: rule.disk !== undefined && !options.has('drive'),
    synchronousWrites: rule.synchronousWrites === true,
  };
}

/** `open`: not restricted, which the `udp` workload needs; the card could then reach what this machine reaches. */
export type Network =
  | { readonly kind: 'user'; readonly tcpPort: number; readonly udpPort: number; readonly open?: boolean }
  | { readonly kind: 'tap'; readonly name: string }
  | { readonly kind: 'none' };

export interface DevicePlan {
  readonly devices: readonly DeviceSpec[];
  readonly network: Network;
  /** A file for each device that needs one, in the order of the devices. */
  readonly drives: readonly string[];
  readonly pcap?: string;
}

const FIRST_SLOT = 4;
const SLOTS_END = 0x19;

/** Commas are doubled inside a value, as QEMU's option parser wants it. */
function quote(value: string): string {
  return value.replaceAll(',', ',,');
}

function netdev(network: Network, index: number): string[] {
  const id = `net${index}`;
  if (index > 0) return ['-netdev', `user,id=${id},restrict=on,net=10.0.${2 + index}.0/24`];
  switch (network.kind) {
    case 'none':
      return [];
    case 'tap':
      return ['-netdev', `tap,id=${id},ifname=${quote(network.name)},script=no,downscript=no`];
    case 'user': {
      const tcp = `hostfwd=tcp:127.0.0.1:${network.tcpPort}-:5001`;
      const udp = `hostfwd=udp:127.0.0.1:${network.udpPort}-:5002`;
      // QEMU's restricted user network drops every datagram from the card, forwarded ports or not.
      return ['-netdev', `user,id=${id},restrict=${network.open === true ? 'off' : 'on'},${tcp},${udp}`];
    }
  }
}

/** QEMU's arguments for the devices under test. Every PCI device gets a slot of its own below 0x19. */
export function qemuDeviceArgs(plan: DevicePlan): string[] {
  if (plan.devices.length > SLOTS_END - FIRST_SLOT) {
    throw new LaunchError('ERR_DDE_DEVICE', `${plan.devices.length} devices: at most ${SLOTS_END - FIRST_SLOT}`);
  }
  const args: string[] = [];
  const drives = [...plan.drives];
  let nets = 0;
  plan.devices.forEach((device, index) => {
    const id = `dut${index}`;
    const rule = modelRule(device.model);
    const options = new Map<string, string>([['id', id], ...Object.entries(rule.defaults ?? {})]);
    if (rule.serial === true) options.set('serial', `dde${String(index + 1).padStart(4, '0')}`);
    const after: string[] = [];
    if (device.kind === 'net' && !device.options.has('netdev')) {
      const backend = netdev(plan.network, nets);
      args.push(...backend);
      if (backend.length > 0) options.set('netdev', `net${nets}`);
      options.set('mac', `52:54:00:12:34:${(0x56 + nets).toString(16)}`);
      if (nets === 0 && plan.pcap !== undefined) {
        after.push('-object', `filter-dump,id=dump0,netdev=net0,file=${quote(plan.pcap)}`);
      }
      nets++;
    }
    if (device.needsDrive) {
      const file = drives.shift();
      if (file === undefined) throw new LaunchError('ERR_DDE_DRIVE', `${device.model}: no drive is left for it`);
      const drive = `drive${index}`;
      const interface_ = `if=none,id=${drive},format=raw,cache=writeback,file=${quote(file)}`;
      args.push('-drive', interface_);
      if (rule.disk === 'own') options.set('drive', drive);
      else {
        const bus = rule.disk === 'sd-card' ? '' : `,bus=${id}.0`;
        const more = rule.diskOptions === undefined ? '' : `,${rule.diskOptions}`;
        after.push('-device', `${rule.disk},drive=${drive}${bus}${more}`);
      }
    }
    if (rule.audio !== undefined) {
      args.push('-audiodev', `none,id=snd${index}`);
      if (rule.audio === 'own') options.set('audiodev', `snd${index}`);
      else after.push('-device', `${rule.audio},audiodev=snd${index},bus=${id}.0`);
    }
    if (rule.chardev === true) {
      args.push('-chardev', `null,id=chr${index}`);
      options.set('chardev', `chr${index}`);
    }
    options.set('addr', `0x${(FIRST_SLOT + index).toString(16)}`);
    // No firmware runs, so an option ROM is of no use; without it QEMU needs no ROM files.
    options.set('romfile', '');
    for (const [key, value] of device.options) options.set(key, value);
    const text = [...options].map(([key, value]) => `${key}=${value}`).join(',');
    args.push('-device', `${device.model},${text}`, ...after);
  });
  return args;
}

/** Reads `user`, `none` or `tap=NAME`; the ports are filled in by the caller. */
export function parseNet(text: string): { kind: 'user' } | { kind: 'none' } | { kind: 'tap'; name: string } {
  if (text === 'user' || text === 'none') return { kind: text };
  const tap = /^tap=([\w.-]+)$/.exec(text);
  if (tap !== null) return { kind: 'tap', name: tap[1] as string };
  throw new LaunchError('ERR_DDE_OPTION', `--net ${JSON.stringify(text)}: expected user, none or tap=NAME`);
}
