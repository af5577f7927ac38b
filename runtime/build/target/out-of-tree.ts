// SPDX-License-Identifier: MIT
// A module outside the kernel tree: copied beside the tree and compiled as if it were built in.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../common/hash.js';

export const MODULE_DIR = 'dde-module';
const SKIP = /^\.|\.(o|ko|mod|cmd|a|order|symvers)$|\.mod\.c$/;

/** The module's files that a build reads, with their content's hash. */
export async function moduleFiles(dir: string, below = ''): Promise<{ path: string; hash: string }[]> {
  const found: { path: string; hash: string }[] = [];
  for (const entry of (await readdir(join(dir, below), { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (SKIP.test(entry.name)) continue;
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) found.push(...(await moduleFiles(dir, path)));
    else found.push({ path, hash: hashOf(await readFile(join(dir, path))) });
  }
  return found;
}

/**
 * The Kbuild file laid over the module's own: what it would make modules becomes built-in. KERNELRELEASE is set, as in every
 * Kbuild run, so the usual `ifneq ($(KERNELRELEASE),)` takes its Kbuild branch.
 */
export function wrapperKbuild(original: string): string {
  return [
    '# Generated: the module, built in.',
    `include $(dir $(lastword $(MAKEFILE_LIST)))${original}`,
    'obj-y += $(obj-m)',
    'obj-m :=',
    '',
  ].join('\n');
}

/** Copies what differs (make goes by time) and puts the wrapper in place. */
export async function copyModule(from: string, tree: string): Promise<void> {
  const to = join(tree, MODULE_DIR);
  await mkdir(to, { recursive: true });
  const files = await moduleFiles(from);
  const original = existsSync(join(from, 'Kbuild')) ? 'Kbuild' : 'Makefile';
  const renamed = `${original}.module`;
  const wanted = new Set(['Kbuild', ...files.map((f) => (f.path === original ? renamed : f.path))]);
  for (const { path } of await moduleFiles(to)) {
    if (!wanted.has(path)) await rm(join(to, path));
  }
  for (const { path } of files) {
    const target = join(to, path === original ? renamed : path);
    const [now, old] = await Promise.all([
      readFile(join(from, path)),
      readFile(target).catch(() => undefined),
    ]);
    if (old?.equals(now)) continue;
    await mkdir(join(target, '..'), { recursive: true });
    await copyFile(join(from, path), target);
  }
  const wrapper = wrapperKbuild(renamed);
  if ((await readFile(join(to, 'Kbuild'), 'utf8').catch(() => '')) !== wrapper)
    await writeFile(join(to, 'Kbuild'), wrapper);
}
