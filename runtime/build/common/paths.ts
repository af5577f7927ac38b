// SPDX-License-Identifier: MIT
// Where things lie: the repository's own parts, and the cache.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: this file lies below it both as source and in dist. */
export function repoRoot(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const manifest = join(dir, 'package.json');
    if (existsSync(manifest)) {
      const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
      if (typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === 'dde-profile')
        return dir;
    }
    if (dirname(dir) === dir) throw new Error('package.json of dde-profile not found');
  }
}

/** The cache: DDE_PROFILE_CACHE, or dde-profile in XDG_CACHE_HOME (which does not count when it is empty or relative), or in ~/.cache. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const own = env['DDE_PROFILE_CACHE'];
  if (own) return resolve(own);
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'dde-profile');
}

/** The folder of Debian's linux-source tarballs; another one can be named, for machines that keep them elsewhere. */
export function tarballDir(env: NodeJS.ProcessEnv = process.env): string {
  return env['DDE_PROFILE_KERNEL_SOURCE'] || '/usr/src';
}
