// SPDX-License-Identifier: MIT
// --on: calls that set something off.

import { MAX_TRIGGERS, TRIGGER_ACTIONS, type Trigger, type TriggerAction } from '../../tracer/addon/addon.js';
import { LaunchError } from './errors.js';
import type { Site } from './manifest.js';
import { globToRegExp } from './site-choice.js';

export interface TriggerRequest {
  /** Over names of functions: of the driver, of the kernel's interface, of the core. */
  readonly glob: string;
  readonly action: TriggerAction;
}

/** `GLOB ACTION`, `GLOB:ACTION` or `GLOB=ACTION`. Throws LaunchError. */
export function parseTrigger(text: string): TriggerRequest {
  const found = /^\s*(\S+?)[\s:=]+(\S+)\s*$/.exec(text);
  const action = TRIGGER_ACTIONS.find((one) => one === found?.[2]);
  if (found === null || action === undefined)
    throw new LaunchError(
      'ERR_DDE_OPTION',
      `--on ${JSON.stringify(text)}: it is a function glob and what to do: ${TRIGGER_ACTIONS.join(', ')}`,
    );
  return { glob: found[1] as string, action };
}

/** The sites of each trigger. A function that is both an API site and a core site triggers once, at the driver's call. */
export function chooseTriggers(sites: readonly Site[], requests: readonly TriggerRequest[]): Trigger[] {
  const chosen = new Map<number, Trigger>();
  for (const { glob, action } of requests) {
    const wanted = globToRegExp(glob);
    const found = sites.filter((site) => wanted.test(site.name));
    if (found.length === 0)
      throw new LaunchError('ERR_DDE_OPTION', `--on ${glob}: this build has no such function`);
    const api = new Set(found.filter((site) => site.kind === 'api').map((site) => site.name));
    for (const site of found) {
      if (site.kind === 'core' && api.has(site.name)) continue;
      chosen.set(site.i, { site: site.i, action });
    }
  }
  if (chosen.size > MAX_TRIGGERS)
    throw new LaunchError(
      'ERR_DDE_OPTION',
      `--on: ${chosen.size} functions; a process keeps track of ${MAX_TRIGGERS} at once`,
    );
  return [...chosen.values()];
}
