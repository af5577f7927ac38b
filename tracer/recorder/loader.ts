// SPDX-License-Identifier: MIT
// Finds and loads the native addon. It is looked for beside the sources, where `npm run build:native` puts it, whether this
// file runs from dist/ or by a TypeScript loader.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The addon is not built, or cannot be loaded on this machine. */
class AddonError extends Error {
  readonly code = 'ERR_DDE_ADDON';
}

function candidates(): string[] {
  const here = dirname(fileURLToPath(import.meta.url)).replace(/\/dist\/tracer\/recorder$/, '/tracer/recorder');
  return ['Release', 'Debug'].map((kind) => join(here, 'build', kind, 'ddetracer.node'));
}

let loaded: unknown;

/** Loads the addon once. Throws AddonError with the paths that were tried. */
export function loadAddon(): unknown {
  if (loaded !== undefined) return loaded;
  const require = createRequire(import.meta.url);
  const tried: string[] = [];
  for (const path of candidates()) {
    if (!existsSync(path)) {
      tried.push(`${path}: not there`);
      continue;
    }
    try {
      loaded = require(path);
      return loaded;
    } catch (cause) {
      tried.push(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
  throw new AddonError(
    `the native addon could not be loaded:\n  ${tried.join('\n  ')}\nbuild it with: npm run build:native`,
  );
}
