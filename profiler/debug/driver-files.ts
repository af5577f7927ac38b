// SPDX-License-Identifier: MIT
// The driver's C files, as far as the build tells.

import type { Manifest } from '../builds/index.js';

/** Relative to the kernel's source. */
export function driverFiles(manifest: Manifest): string[] {
  const objects = manifest['driverObjects'];
  return Array.isArray(objects) ? objects.map((name) => String(name).replace(/\.o$/, '.c')) : [];
}
