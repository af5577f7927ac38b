// SPDX-License-Identifier: MIT
// Builds uio_dma for a kernel, and its test programs, once for each content.

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { listFiles } from '../../runtime/build/common/clone.js';
import { hashOf } from '../../runtime/build/common/hash.js';
import { withLock } from '../../runtime/build/common/lock.js';
import { repoRoot } from '../../runtime/build/common/paths.js';
import { guestCache } from './cache.js';
import { GuestError } from './errors.js';
import type { Kernel } from './kernels.js';

const SOURCE = /(\.(c|h)|Kbuild|Makefile)$/;

async function sources(folder: string): Promise<string[]> {
  return (await listFiles(folder)).filter((path) => SOURCE.test(path) && !path.endsWith('.mod.c'));
}

async function contentOf(folder: string, paths: readonly string[]): Promise<string> {
  return hashOf(
    ...(await Promise.all(paths.map(async (path) => `${path}\n${await readFile(join(folder, path), 'utf8')}`))),
  );
}

/** Runs make on a copy of kmod/ and keeps the result; any warning is a failure. */
async function make(key: string, args: (work: string) => string[]): Promise<string> {
  const final = join(guestCache(), 'kmod', key);
  if (existsSync(final)) return final;
  return withLock(`${final}.lock`, async () => {
    if (existsSync(final)) return final;
    const work = `${final}.${process.pid}`;
    try {
      await rm(work, { recursive: true, force: true });
      await mkdir(work, { recursive: true });
      const from = join(repoRoot(), 'kmod');
      for (const path of await sources(from)) await cp(join(from, path), join(work, path));
      const result = await execa('make', args(work), { cwd: work, reject: false, all: true, env: { LC_ALL: 'C' } });
      if (result.exitCode !== 0 || /\bwarning:/i.test(result.all ?? '')) {
        throw new GuestError('ERR_GUEST_BUILD', `make ${args('kmod').join(' ')} failed:\n${result.all}`);
      }
      await rename(work, final);
      return final;
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

async function keyOf(...parts: string[]): Promise<string> {
  const folder = join(repoRoot(), 'kmod');
  return hashOf(await contentOf(folder, await sources(folder)), ...parts);
}

/** The path of uio_dma.ko for the kernel. */
export async function buildKmod(kernel: Kernel): Promise<string> {
  const key = await keyOf(kernel.release, kernel.version);
  return join(await make(key, () => [`KDIR=${kernel.headers}`, 'modules']), 'uio_dma.ko');
}

/** The folder with the static test programs. */
export async function buildSelftest(): Promise<string> {
  return join(await make(await keyOf('selftest'), (work) => ['selftest', `O=${join(work, 'programs')}`]), 'programs');
}
