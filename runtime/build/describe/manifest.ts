// SPDX-License-Identifier: MIT
// manifest.json: what an executable was made of; and the proof that its kernel files are the package's.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256File } from '../common/hash.js';
import { run } from '../common/proc.js';
import { tarballPath } from '../source/source.js';

export const manifestSchema = z.object({
  formatVersion: z.literal(1),
  driver: z.string(),
  kernelSeries: z.string(),
  kernelVersion: z.string(),
  buildId: z.string(),
  executable: z.string(),
  sourceRoot: z.string(),
  buildRoot: z.string(),
  outOfTree: z.string().optional(),
  kconfig: z.array(z.string()),
  sources: z.array(z.object({ path: z.string(), sha256: z.string() })),
  driverObjects: z.array(z.string()),
  apiSymbols: z.array(z.string()),
  /** The driver's objects count what runs; gcc's notes are in the folder `coverage`. */
  coverage: z.boolean().optional(),
  createdAt: z.string(),
});

export type Manifest = z.infer<typeof manifestSchema>;

export async function readManifest(file: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export interface SourceCheck {
  readonly checked: number;
  /** Paths whose content differs from the package's, or that the package does not have. */
  readonly different: readonly string[];
}

/** Compares every compiled kernel file with the tarball of Debian's package, read afresh. */
export async function verifySources(manifest: Manifest): Promise<SourceCheck> {
  const dir = await mkdtemp(join(tmpdir(), 'dde-verify-'));
  try {
    const top = `linux-source-${manifest.kernelSeries}`;
    const names = manifest.sources.map((s) => `${top}/${s.path}`).join('\n');
    // A name that is not in the archive is an error of tar and shows below as a missing file.
    await run('tar', ['-xJf', tarballPath(manifest.kernelSeries), '-C', dir, '--no-same-owner', '-T', '-'], {
      input: names,
    });
    const different: string[] = [];
    for (const { path, sha256 } of manifest.sources) {
      const actual = await sha256File(join(dir, top, path)).catch(() => undefined);
      if (actual !== sha256) different.push(path);
    }
    return { checked: manifest.sources.length, different };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
