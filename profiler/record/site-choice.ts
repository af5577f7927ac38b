// SPDX-License-Identifier: MIT
// Which call sites a recording switches on.

import type { Site } from '../builds/manifest.js';

export interface SiteRequest {
  /** Globs over the driver's own functions; its callbacks are always on. */
  readonly functions: readonly string[];
  /** Globs over the functions of the Linux core. */
  readonly core: readonly string[];
  /** Leave out calls from the driver to the kernel. */
  readonly noApi?: boolean;
}

/** `*` and `?` as in a shell; everything else is itself. */
export function globToRegExp(glob: string): RegExp {
  const text = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${text}$`);
}

/** The sites' numbers, in order. */
export function chooseSites(sites: readonly Site[], request: SiteRequest): number[] {
  const functions = request.functions.map(globToRegExp);
  const core = request.core.map(globToRegExp);
  const matches = (globs: readonly RegExp[], name: string): boolean => globs.some((glob) => glob.test(name));
  const wanted = (site: Site): boolean => {
    if (site.kind === 'api') return request.noApi !== true;
    if (site.kind === 'core') return matches(core, site.name);
    return site.callback === true || matches(functions, site.name);
  };
  return sites.filter(wanted).map((site) => site.i);
}
