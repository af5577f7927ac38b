// SPDX-License-Identifier: MIT
// What of the running system hangs on a PCI device: network interfaces and routes, mounted disks, swap. Taken away, the
// machine may be cut off or lose its files.

import { basename } from 'node:path';
import { type Host, names, read, real } from './host.js';

export interface Use {
  /** As the user knows it: eth0, /dev/nvme0n1p2. */
  readonly name: string;
  readonly what: 'interface' | 'default route' | 'mounted' | 'swap' | 'disk';
  /** Where it is mounted. */
  readonly where?: string;
}

/** Uses that keep a device from being taken away. */
export function isVital({ what }: Use): boolean {
  return what === 'default route' || what === 'mounted' || what === 'swap';
}

/** Interfaces that carry a default route, of IPv4 or IPv6. */
function defaultRoutes(host: Host): Set<string> {
  const found = new Set<string>();
  for (const line of (read(host, 'proc/net/route') ?? '').split('\n').slice(1)) {
    const [name, destination, , , , , , mask] = line.split(/\s+/);
    if (name !== undefined && destination === '00000000' && mask === '00000000') found.add(name);
  }
  for (const line of (read(host, 'proc/net/ipv6_route') ?? '').split('\n')) {
    const fields = line.trim().split(/\s+/);
    const name = fields[9];
    // The kernel's own unreachable default is on lo.
    if (name !== undefined && name !== 'lo' && /^0{32}$/.test(fields[0] ?? '') && fields[1] === '00') found.add(name);
  }
  return found;
}

const LOWER = /^lower_/;

/** Interfaces that an interface stands on: a bridge's or bond's ports, a VLAN's parent. */
function below(host: Host, name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const entry of names(host, `sys/class/net/${name}`)) {
    if (LOWER.test(entry)) below(host, entry.replace(LOWER, ''), seen);
  }
  return seen;
}

function isBelow(path: string | undefined, device: string): boolean {
  return path !== undefined && (path === device || path.startsWith(`${device}/`));
}

function networkUses(host: Host, device: string): Use[] {
  const routed = new Set([...defaultRoutes(host)].flatMap((name) => [...below(host, name)]));
  return names(host, 'sys/class/net')
    .filter((name) => isBelow(real(host, `sys/class/net/${name}`), device))
    .map((name) => ({ name, what: routed.has(name) ? 'default route' : 'interface' }));
}

/** Block devices that one stands on: dm and md have slaves, a partition its disk. */
function disksBelow(host: Host, path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const relative = path.slice(host.root.replace(/\/$/, '').length + 1);
  for (const slave of names(host, `${relative}/slaves`)) {
    const target = real(host, `${relative}/slaves/${slave}`);
    if (target !== undefined) disksBelow(host, target, seen);
  }
  return seen;
}

interface Holder {
  readonly path: string | undefined;
  readonly what: 'mounted' | 'swap';
  readonly where?: string;
}

/** mountinfo names file systems of several disks (btrfs) by the number of none of them, but by the path of one. */
function blockPath(host: Host, number: string | undefined, source: string | undefined): string | undefined {
  const byNumber = number === undefined ? undefined : real(host, `sys/dev/block/${number}`);
  if (byNumber !== undefined || source === undefined || !source.startsWith('/dev/')) return byNumber;
  return real(host, `sys/class/block/${basename(real(host, source) ?? source)}`);
}

function holders(host: Host): Holder[] {
  const mounts = (read(host, 'proc/self/mountinfo') ?? '').split('\n').map((line): Holder => {
    const [, , number, , where] = line.split(' ');
    const source = / - \S+ (\S+)/.exec(line)?.[1];
    return { path: blockPath(host, number, source), what: 'mounted', ...(where === undefined ? {} : { where }) };
  });
  const swaps = (read(host, 'proc/swaps') ?? '').split('\n').slice(1);
  return [
    ...mounts,
    ...swaps.map((line): Holder => ({ path: blockPath(host, undefined, line.split(/\s+/)[0]), what: 'swap' })),
  ].filter(({ path }) => path !== undefined);
}

function diskUses(host: Host, device: string): Use[] {
  const uses = new Map<string, Use>();
  for (const name of names(host, 'sys/class/block')) {
    if (isBelow(real(host, `sys/class/block/${name}`), device)) uses.set(name, { name: `/dev/${name}`, what: 'disk' });
  }
  for (const { path, what, where } of holders(host)) {
    for (const disk of disksBelow(host, path ?? '')) {
      if (!isBelow(disk, device)) continue;
      const name = basename(disk);
      uses.set(name, { name: `/dev/${name}`, what, ...(where === undefined ? {} : { where }) });
    }
  }
  return [...uses.values()];
}

/** @param device the device's folder in /sys/devices */
export function usesOf(host: Host, device: string): Use[] {
  return [...networkUses(host, device), ...diskUses(host, device)];
}

export function useText({ name, what, where }: Use): string {
  if (what === 'default route') return `${name} carries the default route`;
  if (what === 'mounted') return `${name} is mounted on ${where ?? '?'}`;
  return what === 'swap' ? `${name} is used for swap` : name;
}
