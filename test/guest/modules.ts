// SPDX-License-Identifier: MIT
// Kernel modules with what they need, in the order in which insmod takes them.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { GuestError } from './errors.js';
import type { Kernel } from './kernels.js';

function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');
}

interface Known {
  /** Path below lib/modules/RELEASE to the paths it needs, as depmod orders them: the nearest first. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly byName: ReadonlyMap<string, string>;
  readonly builtIn: ReadonlySet<string>;
}

async function known({ root, release }: Kernel): Promise<Known> {
  const folder = join(root, 'lib/modules', release);
  const needs = new Map<string, string[]>();
  for (const line of (await readFile(join(folder, 'modules.dep'), 'utf8')).split('\n')) {
    const [path, rest] = line.split(':');
    if (path !== undefined && rest !== undefined) needs.set(path, rest.trim().split(' ').filter(Boolean));
  }
  const builtIn = (await readFile(join(folder, 'modules.builtin'), 'utf8')).split('\n').filter(Boolean);
  return {
    needs,
    byName: new Map([...needs.keys()].map((path) => [moduleName(path), path])),
    builtIn: new Set(builtIn.map(moduleName)),
  };
}

/** Paths on the host, each after those it needs; what is built in is left out. */
export async function moduleOrder(kernel: Kernel, names: readonly string[]): Promise<string[]> {
  const { needs, byName, builtIn } = await known(kernel);
  const order = new Set<string>();
  for (const name of names) {
    const wanted = name.replaceAll('-', '_');
    if (builtIn.has(wanted)) continue;
    const path = byName.get(wanted);
    if (path === undefined) throw new GuestError('ERR_GUEST_USAGE', `kernel ${kernel.name} has no module ${name}`);
    for (const needed of [...(needs.get(path) ?? [])].reverse()) order.add(needed);
    order.add(path);
  }
  return [...order].map((path) => join(kernel.root, 'lib/modules', kernel.release, path));
}

/** The module's bytes, unpacked: busybox loads no compressed ones. */
export async function readModule(path: string): Promise<Uint8Array> {
  if (!path.endsWith('.xz')) return readFile(path);
  const { stdout } = await execa('xz', ['-dc', path], { encoding: 'buffer' });
  return stdout;
}

export { moduleName };
