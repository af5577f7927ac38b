// SPDX-License-Identifier: MIT
// Where the project lies, both for the compiled code (dist/profiler/setup) and for its TypeScript (profiler/setup).

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function find(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('dde-profile: its package.json is not found');
    folder = parent;
  }
  return folder;
}

export const projectRoot = find();
