// SPDX-License-Identifier: MIT
// arch/dde and the view of the kernel tree that has it: top-level entries are links into the pristine source, arch/dde is a
// real folder, because its headers include ../../../x86/... by relative path.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listFiles } from '../common/clone.js';
import { hashOf } from '../common/hash.js';

export interface OverlayFile {
  /** Path below arch/dde. */
  readonly path: string;
  readonly text: string;
  readonly hash: string;
}

export interface Overlay {
  readonly files: readonly OverlayFile[];
  readonly hash: string;
}

const PART_OF_BUILD = /(\.([chS]|lds\.S|txt)|(^|\/)(Makefile|Kbuild|Kconfig(\.\w+)?))$/;

/** The overlay: runtime/arch/dde, and the two seams' headers as arch/dde/include/ddekit and arch/dde/include/ddet. */
export async function readOverlay(root: string): Promise<Overlay> {
  const parts: [from: string, to: string, keep: RegExp][] = [
    ['runtime/arch/dde', '', PART_OF_BUILD],
    ['runtime/ddekit/include/ddekit', 'include/ddekit/', /\.h$/],
    ['tracer/abi', 'include/ddet/', /^ddet[^/]*\.h$/],
  ];
  const files: OverlayFile[] = [];
  for (const [from, to, keep] of parts) {
    const dir = join(root, from);
    if (!existsSync(dir)) continue;
    for (const path of await listFiles(dir)) {
      if (!keep.test(path)) continue;
      const text = await readFile(join(dir, path), 'utf8');
      files.push({ path: to + path, text, hash: hashOf(text) });
    }
  }
  return { files, hash: hashOf(...files.flatMap((f) => [f.path, f.hash])) };
}

/** Makes `dir` a view of the kernel tree without arch/dde; `obj` inside is the O= folder, so Kbuild's paths are relative. */
export async function createView(source: string, dir: string): Promise<void> {
  await mkdir(join(dir, 'arch'), { recursive: true });
  await mkdir(join(dir, 'obj'), { recursive: true });
  for (const name of await readdir(source)) {
    if (name !== 'arch') await symlink(join(source, name), join(dir, name));
  }
  for (const name of await readdir(join(source, 'arch'))) {
    await symlink(join(source, 'arch', name), join(dir, 'arch', name));
  }
}

/** Writes what differs and only that: make decides by time what to compile again. Returns the paths that changed. */
export async function syncOverlay(overlay: Overlay, dir: string): Promise<string[]> {
  const target = join(dir, 'arch', 'dde');
  await mkdir(target, { recursive: true });
  const changed: string[] = [];
  const wanted = new Set(overlay.files.map((f) => f.path));
  for (const path of await listFiles(target)) {
    if (wanted.has(path)) continue;
    await rm(join(target, path));
    changed.push(path);
  }
  for (const file of overlay.files) {
    const to = join(target, file.path);
    const old = await readFile(to, 'utf8').catch(() => undefined);
    if (old === file.text) continue;
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, file.text);
    changed.push(file.path);
  }
  return changed;
}
