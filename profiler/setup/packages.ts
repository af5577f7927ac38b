// SPDX-License-Identifier: MIT
// The list of Debian packages (packages.json, which bootstrap.mjs uses too) and which of them are there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { projectRoot } from './root.js';

const schema = z.array(
  z.object({
    name: z.string(),
    /** `guest-kernel`: unpacked into the cache by the guest tests, never installed. */
    use: z.enum(['build', 'run', 'trace', 'debug', 'test', 'guest', 'guest-kernel', 'bench']),
    why: z.string(),
  }),
);

export type DebianPackage = z.infer<typeof schema>[number];

export interface PackageState extends DebianPackage {
  readonly version: string | undefined;
}

export function debianPackages(): DebianPackage[] {
  return schema.parse(JSON.parse(readFileSync(join(projectRoot, 'profiler/setup/packages.json'), 'utf8')));
}

/** Reads dpkg-query's lines "name status version". */
export function parseDpkg(text: string): Map<string, string> {
  const versions = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, status, version] = line.split(' ');
    if (name !== undefined && status === 'installed' && version !== undefined) versions.set(name, version);
  }
  return versions;
}

/** Of all packages that are installed where they are used; undefined when this is not a Debian system. */
export async function packageStates(): Promise<PackageState[] | undefined> {
  const list = debianPackages().filter(({ use }) => use !== 'guest-kernel');
  const format = '${Package} ${db:Status-Status} ${Version}\n';
  const query = await execa('dpkg-query', ['-W', '-f', format, ...list.map((entry) => entry.name)], {
    reject: false,
  });
  if (query.code === 'ENOENT') return undefined;
  const versions = parseDpkg(query.stdout);
  return list.map((entry) => ({ ...entry, version: versions.get(entry.name) }));
}

/** The command that installs the packages, as this user would have to give it. */
export function installCommand(names: readonly string[]): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get install -y --no-install-recommends ${names.join(' ')}`;
}
