// SPDX-License-Identifier: MIT
// The files of the project, as git knows them (in an unpacked archive: as they lie there).

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from '../../profiler/setup/root.js';

/** Ends with a slash. */
export const ROOT = `${projectRoot}/`;

/** Made by builds, or not ours. */
const NOT_OURS = /(^|\/)(node_modules|dist|build|\.git|\.tap)(\/|$)/;

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    const name = relative(ROOT, path);
    // runtime/build is a folder of sources.
    if (NOT_OURS.test(name) && !name.startsWith('runtime/build')) return [];
    return entry.isDirectory() ? walk(path) : entry.isFile() ? [name] : [];
  });
}

function listed(): string[] {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const out = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return out.split('\0').filter((name) => name !== '');
  } catch {
    return walk(ROOT);
  }
}

const gone = (name: string): boolean => {
  try {
    readFileSync(join(ROOT, name));
    return false;
  } catch {
    return true;
  }
};

/** Paths from the root. */
export const FILES: readonly string[] = listed()
  .filter((name) => !gone(name))
  .sort();

export function text(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Of TypeScript, tests and all. */
export const TYPESCRIPT: readonly string[] = FILES.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
