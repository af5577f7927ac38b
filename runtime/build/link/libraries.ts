// SPDX-License-Identifier: MIT
// The host side: libddekit.a and libddetrace.a, made by their own Makefiles and kept under the content of their sources.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from '../common/clone.js';
import { compileFailed } from '../errors.js';
import { hashOf } from '../common/hash.js';
import { withLock } from '../common/lock.js';
import { cacheRoot } from '../common/paths.js';
import { run } from '../common/proc.js';
import { makeTemporary, removeTemporary } from '../common/temporary.js';
import type { OnProgress } from '../common/progress.js';

const PARTS = [
  { dir: 'runtime/ddekit', library: 'libddekit.a', sources: ['runtime/ddekit', 'kmod/uapi', 'tracer/abi'] },
  { dir: 'tracer', library: 'libddetrace.a', sources: ['tracer/abi', 'tracer/emit', 'tracer/sites', 'tracer/control'] },
] as const;

const SOURCE = /(\.[chS]|Makefile|\.mk|\.json)$/;

/** Content of everything the libraries are made of. */
export async function librariesHash(root: string): Promise<string> {
  const parts: string[] = [root]; // debug data holds the checkout's path
  for (const dir of ['runtime/ddekit', 'kmod/uapi', 'tracer/abi', 'tracer/emit', 'tracer/sites', 'tracer/control']) {
    if (!existsSync(join(root, dir))) continue;
    for (const path of await listFiles(join(root, dir))) {
      if (SOURCE.test(path)) parts.push(`${dir}/${path}`, await readFile(join(root, dir, path), 'utf8'));
    }
  }
  return hashOf(...parts);
}

/** Makes the libraries in one lasting folder per checkout, so that an edit compiles one file, and keeps copies by content. */
export async function ensureLibraries(root: string, hash: string, onProgress: OnProgress): Promise<string[]> {
  const final = join(cacheRoot(), 'lib', hash);
  const result = PARTS.map((part) => join(final, part.library));
  if (existsSync(final)) return result;
  const work = join(cacheRoot(), 'lib', `work-${hashOf(root)}`);
  await withLock(
    `${work}.lock`,
    async () => {
      if (existsSync(final)) return;
      onProgress({ type: 'step', text: 'compiling the host library' });
      await mkdir(work, { recursive: true });
      for (const part of PARTS) {
        const args = ['-C', join(root, part.dir), `O=${work}`, '-j2', '--no-print-directory'];
        const made = await run('make', args);
        if (made.code !== 0) throw compileFailed(part.dir, made.output);
      }
      const temp = await makeTemporary(join(cacheRoot(), 'lib', '.new-'));
      for (const part of PARTS) await copyFile(join(work, part.library), join(temp, part.library));
      await writeFile(join(temp, 'from'), root);
      await rename(temp, final).catch(() => {});
      await removeTemporary(temp);
    },
    (pid) => onProgress({ type: 'step', text: `waiting for process ${pid}, which compiles the host library` }),
  );
  return result;
}
