// SPDX-License-Identifier: MIT
// Debian's kernels: which there are, what their packages are called today, and where they lie in the cache.
// Packages are unpacked, not installed: nothing of the host changes, and no root is needed.

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { withLock } from '../../runtime/build/common/lock.js';
import { guestCache } from './cache.js';
import { GuestError } from './errors.js';
import { extractVmlinux } from './vmlinux.js';

export const KERNELS = ['6.1', '6.1-rt', '6.12', '6.12-rt'] as const;
export type KernelName = (typeof KERNELS)[number];

export interface Kernel {
  readonly name: KernelName;
  /** As `uname -r` says it, such as 6.1.0-56-rt-amd64. */
  readonly release: string;
  /** Debian's version, such as 6.1.192-2. */
  readonly version: string;
  /** Holds lib/modules, usr/src and usr/lib of the packages. */
  readonly root: string;
  readonly vmlinux: string;
  /** The folder that builds modules (`make -C`). */
  readonly headers: string;
}

/** The package that always depends on the newest image; 6.1 is the kernel of Debian 12 itself. */
const META: Record<KernelName, string> = {
  '6.1': 'linux-image-amd64',
  '6.1-rt': 'linux-image-rt-amd64',
  '6.12': 'linux-image-6.12-amd64',
  '6.12-rt': 'linux-image-6.12-rt-amd64',
};

export function isKernelName(name: string): name is KernelName {
  return (KERNELS as readonly string[]).includes(name);
}

interface Package {
  readonly version: string;
  readonly depends: readonly string[];
}

async function show(name: string): Promise<Package | undefined> {
  const { stdout, exitCode } = await execa('apt-cache', ['show', '--no-all-versions', name], { reject: false });
  if (exitCode !== 0) return undefined;
  const version = /^Version: (.+)$/m.exec(stdout)?.[1];
  const depends = /^Depends: (.+)$/m.exec(stdout)?.[1] ?? '';
  if (version === undefined) return undefined;
  return { version, depends: depends.split(/[,|]/).map((entry) => entry.trim().split(' ')[0] ?? '') };
}

async function showOrUpdate(name: string): Promise<Package> {
  const found = await show(name);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0) {
    await execa('apt-get', ['update', '-q'], { stdio: ['ignore', 2, 2], reject: false });
    const again = await show(name);
    if (again !== undefined) return again;
  }
  throw new GuestError(
    'ERR_GUEST_PACKAGE',
    `apt knows no package ${name}. Run: sudo apt-get update (Debian 12 with its security updates is needed)`,
  );
}

interface Resolved {
  readonly release: string;
  readonly version: string;
  readonly packages: readonly string[];
}

async function resolve(name: KernelName): Promise<Resolved> {
  const meta = await showOrUpdate(META[name]);
  const image = meta.depends.find((entry) => entry.startsWith('linux-image-'));
  const series = name.replace('-rt', '');
  if (image === undefined || !image.startsWith(`linux-image-${series}.`)) {
    throw new GuestError('ERR_GUEST_PACKAGE', `${META[name]} is not kernel ${series} here: it depends on ${image}`);
  }
  const release = image.slice('linux-image-'.length);
  const headers = await showOrUpdate(`linux-headers-${release}`);
  const build = headers.depends.filter((entry) => /^linux-(headers-.*common|kbuild-)/.test(entry));
  const { version } = await showOrUpdate(image);
  return { release, version, packages: [image, `linux-headers-${release}`, ...build] };
}

async function download(packages: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // As root apt would rather be the user _apt, who may not write here, and warns of it.
  const options = process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : [];
  const result = await execa('apt-get', ['download', '-q', ...options, ...packages], {
    cwd: folder,
    reject: false,
    all: true,
  });
  if (result.exitCode !== 0) {
    throw new GuestError('ERR_GUEST_PACKAGE', `apt-get download ${packages.join(' ')} failed:\n${result.all}`);
  }
}

/** The headers name their common part by an absolute path. */
async function relocate(root: string): Promise<void> {
  const sources = join(root, 'usr/src');
  for (const name of await readdir(sources)) {
    const makefile = join(sources, name, 'Makefile');
    if (!existsSync(makefile)) continue;
    const text = await readFile(makefile, 'utf8');
    // To a place relative to the makefile: the folder is renamed when it is whole.
    const moved = text.replace(/^include \/usr\/src\/(\S+)/m, 'include $(dir $(lastword $(MAKEFILE_LIST)))../$1');
    if (moved !== text) await writeFile(makefile, moved);
  }
}

async function unpack({ release, packages }: Resolved, final: string): Promise<void> {
  const work = `${final}.${process.pid}`;
  await rm(work, { recursive: true, force: true });
  try {
    await download(packages, join(work, 'debs'));
    const root = join(work, 'root');
    await mkdir(root);
    for (const deb of await readdir(join(work, 'debs'))) await execa('dpkg', ['-x', join(work, 'debs', deb), root]);
    await rm(join(work, 'debs'), { recursive: true });
    await relocate(root);
    // depmod looks below lib/, also where a package has its modules in usr/lib.
    if (!existsSync(join(root, 'lib'))) await symlink('usr/lib', join(root, 'lib'));
    await execa('/sbin/depmod', ['-b', root, release]);
    await extractVmlinux(join(root, `boot/vmlinuz-${release}`), join(work, 'vmlinux'));
    await rename(work, final);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Versions that an update has replaced; not at once: another work tree may not have heard of the update. */
const KEEP_MS = 7 * 24 * 3600 * 1000;

async function removeOld(name: KernelName, current: string): Promise<void> {
  const folder = dirname(current);
  const series = name.replace('-rt', '').replace('.', '\\.');
  const same = new RegExp(
    `^${series}\\.[^_]*${name.endsWith('-rt') ? '-rt-amd64' : '(?<!-rt)-amd64'}_[^/]*(?<!\\.lock)$`,
  );
  for (const other of await readdir(folder)) {
    const path = join(folder, other);
    if (path === current || !same.test(other)) continue;
    if ((await stat(path)).mtimeMs < Date.now() - KEEP_MS) await rm(path, { recursive: true, force: true });
  }
}

async function find(name: KernelName, onWork?: (what: string) => void): Promise<Kernel> {
  const resolved = await resolve(name);
  const { release, version } = resolved;
  const folder = join(guestCache(), 'kernels', `${release}_${version}`);
  if (!existsSync(folder)) {
    await withLock(`${folder}.lock`, async () => {
      if (existsSync(folder)) return;
      onWork?.(`downloading and unpacking ${resolved.packages.join(' ')}`);
      await unpack(resolved, folder);
      await removeOld(name, folder);
    });
  }
  const root = join(folder, 'root');
  return {
    name,
    release,
    version,
    root,
    vmlinux: join(folder, 'vmlinux'),
    headers: join(root, 'usr/src', `linux-headers-${release}`),
  };
}

/** To ask apt takes a second, and a test has many guests. */
const found = new Map<KernelName, Promise<Kernel>>();

/** The kernel, from the cache or downloaded; `onWork` is told what takes long. */
export function kernel(name: KernelName, onWork?: (what: string) => void): Promise<Kernel> {
  const known = found.get(name);
  if (known !== undefined) return known;
  const asked = find(name, onWork);
  found.set(name, asked);
  asked.catch(() => found.delete(name));
  return asked;
}
