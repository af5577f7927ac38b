// SPDX-License-Identifier: MIT
// What a recording that is going on records, and changing it: through the shared memory of the driver process, by any process of the same
// user. The recorder need not know: names of all sites and tracepoints are in its file.

import { type Asked, siteBitmap } from '../../tracer/recorder/addon.js';
import type { Trigger } from '../../tracer/recorder/triggers.js';
import { isSet } from './bits.js';
import { type Category, categoriesOf, chooseCategories } from './categories.js';
import { argCounts } from './call-arguments.js';
import { LaunchError } from '../builds/errors.js';
import { prototypesOf } from './late-names.js';
import type { Site, Tracepoint } from '../builds/manifest.js';
import { applied, type RunningTarget, recorderOf } from './running-target.js';
import { chooseSites, globToRegExp } from './site-choice.js';
import { chooseTracepoints } from './tracepoint-choice.js';
import { chooseTriggers, type TriggerRequest } from './trigger-choice.js';

export interface ChangeRequest {
  /** As for `--events`; `+a,-b` changes what is recorded now. */
  readonly events?: string | undefined;
  /** Globs of functions to record, too: the driver's, and the core's. */
  readonly functions: readonly string[];
  readonly core: readonly string[];
  readonly tracepoints: readonly string[];
  /** Globs of functions and tracepoints that are no longer recorded. */
  readonly off: readonly string[];
  readonly triggers: readonly TriggerRequest[];
  /** Of functions that are added record the first argument only. */
  readonly firstOnly?: boolean;
}

export interface Recorded {
  readonly categories: readonly Category[];
  /** Functions that are switched on, by kind. */
  readonly api: number;
  readonly driver: number;
  readonly core: number;
  readonly tracepoints: readonly string[];
  readonly triggers: readonly {
    readonly function: string;
    readonly action: Trigger['action'];
    readonly calls: number;
  }[];
}

/** What is recorded now. */
export function recordedNow(
  { region }: Pick<RunningTarget, 'region'>,
  sites: readonly Site[],
  tracepoints: readonly Tracepoint[],
): Recorded {
  const asked = region.asked();
  const { categories, triggerHits } = region.info();
  const on = sites.filter(({ i }) => isSet(asked.sites, i));
  const count = (kind: Site['kind']): number => on.filter((site) => site.kind === kind).length;
  return {
    categories: categoriesOf(categories),
    api: count('api'),
    driver: count('driver'),
    core: count('core'),
    tracepoints: tracepoints.filter(({ i }) => isSet(asked.tracepoints, i)).map(({ name }) => name),
    triggers: asked.triggers.map(({ site, action }, n) => ({
      function: sites[site]?.name ?? `site ${site}`,
      action,
      calls: triggerHits[n] ?? 0,
    })),
  };
}

/** Throws LaunchError when nobody records the process: then there is nothing to change, `attach` begins a recording. */
export function refuseUnrecorded({ region, pid }: Pick<RunningTarget, 'region' | 'pid'>): void {
  if (recorderOf(region) !== undefined || region.info().mode === 'overwrite') return;
  throw new LaunchError('ERR_DDE_PROCESS', `driver process ${pid} is not being recorded`);
}

function sitesAfter(
  asked: Asked,
  sites: readonly Site[],
  request: ChangeRequest,
  off: (name: string) => boolean,
): Set<number> {
  const more = chooseSites(sites, { functions: request.functions, core: request.core, noApi: true });
  // chooseSites() adds all callbacks; a change adds what it names.
  const named = [...request.functions, ...request.core].map(globToRegExp);
  const added = more.filter((i) => named.some((glob) => glob.test(sites[i]?.name ?? '')));
  const now = sites.filter(({ i, name }) => isSet(asked.sites, i) && !off(name)).map(({ i }) => i);
  return new Set([...now, ...added]);
}

/** How many arguments entries record: of functions that are on as before, of added ones all. */
function argsAfter(
  { build }: Pick<RunningTarget, 'build'>,
  asked: Asked,
  sites: readonly Site[],
  chosen: ReadonlySet<number>,
  firstOnly: boolean,
): Uint8Array {
  const added = new Set([...chosen].filter((i) => !isSet(asked.sites, i)));
  const counts = new Uint8Array(Math.max(asked.args.length, sites.length));
  counts.set(asked.args);
  for (const i of added) counts[i] = 0;
  const prototypes = firstOnly || added.size === 0 ? undefined : prototypesOf(build, sites, added);
  if (prototypes !== undefined)
    argCounts(sites, [...added], prototypes).forEach((n, i) => {
      if (n > 0) counts[i] = n;
    });
  return counts;
}

/**
 * Changes a recording. False: the process is stopped, and will when it goes on. Throws LaunchError for names that do not exist, before
 * anything is changed.
 */
export async function change(
  target: RunningTarget,
  sites: readonly Site[],
  tracepoints: readonly Tracepoint[],
  request: ChangeRequest,
): Promise<boolean> {
  const { region } = target;
  refuseUnrecorded(target);
  const globs = request.off.map((glob) => ({ glob, wanted: globToRegExp(glob) }));
  const names = [...sites, ...tracepoints].map(({ name }) => name);
  for (const { glob, wanted } of globs) {
    if (!names.some((name) => wanted.test(name)))
      throw new LaunchError('ERR_DDE_OPTION', `--off ${glob}: this build has no such function or tracepoint`);
  }
  const off = (name: string): boolean => globs.some(({ wanted }) => wanted.test(name));
  const asked = region.asked();
  const triggers = [
    ...asked.triggers.filter(({ site }) => !off(sites[site]?.name ?? '')),
    ...chooseTriggers(sites, request.triggers),
  ];
  const chosen = sitesAfter(asked, sites, request, off);
  for (const { site } of triggers) chosen.add(site);
  const points = new Set([
    ...tracepoints.filter(({ i, name }) => isSet(asked.tracepoints, i) && !off(name)).map(({ i }) => i),
    ...chooseTracepoints(tracepoints, request.tracepoints),
  ]);
  const categories = new Set(chooseCategories(request.events, recordedNow(target, sites, tracepoints).categories));
  if (request.tracepoints.length > 0) categories.add('tracepoint');
  if (request.triggers.length > 0) categories.add('mark');
  region.setControl({
    categories: [...categories],
    sites: siteBitmap(chosen),
    args: argsAfter(target, asked, sites, chosen, request.firstOnly === true),
    tracepoints: siteBitmap(points),
    triggers,
  });
  return applied(target);
}
