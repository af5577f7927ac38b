// SPDX-License-Identifier: MIT
// The kernel core, compiled once for each content of kernel package, arch/dde and base configuration.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../common/hash.js';
import { Kbuild, type Toolchain } from './kbuild.js';
import type { Overlay } from './overlay.js';
import { repoRoot } from '../common/paths.js';
import type { OnProgress } from '../common/progress.js';
import type { KernelSource } from '../source/source.js';
import { ensureTree, findTree, isPartial, openTree, type Tree } from './tree.js';

export async function baseFragment(): Promise<string> {
  return readFile(join(repoRoot(), 'runtime/build/kconfig/base.config'), 'utf8');
}

export function baseKey(toolchain: Toolchain, overlay: Overlay, fragment: string): string {
  return `base-${hashOf(toolchain.lineage, overlay.hash, fragment)}`;
}

export async function ensureBase(
  source: KernelSource,
  toolchain: Toolchain,
  overlay: Overlay,
  onProgress: OnProgress,
): Promise<Tree> {
  const fragment = await baseFragment();
  const key = baseKey(toolchain, overlay, fragment);
  const ready = await openTree(key);
  if (ready) return ready;
  const config = hashOf(fragment);
  const from =
    (await findTree(toolchain.lineage, ({ meta }) => meta.kind === 'base' && meta.config === config)) ??
    (await findTree(toolchain.lineage, ({ meta }) => meta.kind === 'base'));
  return ensureTree({
    key,
    source,
    overlay,
    from,
    meta: { kind: 'base', lineage: toolchain.lineage, config },
    onProgress,
    fill: async (tree) => {
      onProgress({
        type: 'step',
        text: `compiling the core of Linux ${source.version}${from ? ' (what changed)' : ''}`,
      });
      const what = `Linux ${source.version}`;
      const options = { tree, cc: toolchain.cc, what, onProgress, keepGoing: true };
      const kbuild = new Kbuild(source, from ? options : { ...options, expected: 780 });
      // A tree that was left half done may not have got as far as its configuration.
      if (from?.meta.config !== config || isPartial(from)) await kbuild.configure(fragment);
      await kbuild.compile();
      return kbuild.compiled || (from?.meta.objects ?? 0);
    },
  });
}
