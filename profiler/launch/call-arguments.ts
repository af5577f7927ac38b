// SPDX-License-Identifier: MIT
// Which arguments of calls are recorded, and what the trace file says of them.

import type { Prototypes } from '../../tracer/symbols/index.js';
import type { Site } from './manifest.js';

/** Where the function behind a site begins. */
export const functionOf = (site: Site): number => site.target ?? site.addr;

/** By site number: how many arguments after the first an entry has to keep, for the sites that are switched on. */
export function argCounts(sites: readonly Site[], chosen: readonly number[], prototypes: Prototypes): Uint8Array {
  const counts = new Uint8Array(Math.max(0, ...chosen.map((i) => i + 1)));
  const on = new Set(chosen);
  for (const site of sites) {
    // gcc takes arguments away from the clones that it makes (`f.isra.0`, `f.constprop.0`).
    if (on.has(site.i) && !site.name.includes('.')) counts[site.i] = prototypes.byAddress.get(functionOf(site))?.words ?? 0;
  }
  return counts;
}

/** The sites with their prototypes, and the names of enum values, for the metadata. */
export function describeSites(sites: readonly Site[], prototypes: Prototypes): { sites: object[]; siteEnums: object } {
  return {
    sites: sites.map((site) => {
      const known = site.name.includes('.') ? undefined : prototypes.byAddress.get(functionOf(site));
      if (known === undefined) return site;
      return { ...site, args: known.args, ...(known.returns !== undefined && { returns: known.returns }) };
    }),
    siteEnums: prototypes.enums,
  };
}
