// SPDX-License-Identifier: MIT
// What a module's last build read outside its folder: known only after a build, so it is kept, and asked before the next one.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, sha256File } from '../common/hash.js';
import { cacheRoot } from '../common/paths.js';

const FILE = 'outside.json';

/** The lasting folder of a module's builds with one configuration. */
export function workDir(from: string, config: string, lineage: string): string {
  return join(cacheRoot(), 'modules', hashOf(from, config, lineage));
}

export async function rememberOutside(work: string, files: readonly string[]): Promise<void> {
  await mkdir(work, { recursive: true });
  await writeFile(join(work, FILE), JSON.stringify(files));
}

/** Hash of the files' content now; the same for a module that reads nothing outside, or was never built. */
export async function outsideHash(work: string): Promise<string> {
  const files = JSON.parse(await readFile(join(work, FILE), 'utf8').catch(() => '[]')) as string[];
  return hashOf(
    ...(await Promise.all(files.map((file) => sha256File(file).catch(() => 'gone')))).flatMap((h, i) => [
      files[i] ?? '',
      h,
    ]),
  );
}
