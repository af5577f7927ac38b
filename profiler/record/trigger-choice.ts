// SPDX-License-Identifier: MIT
// --on: calls that set something off.

import { MAX_TRIGGERS, TRIGGER_ACTIONS, type Trigger, type TriggerAction } from '../../tracer/recorder/triggers.js';
import { LaunchError } from '../builds/errors.js';
import type { Site } from '../builds/manifest.js';
import { globToRegExp } from './site-choice.js';

export type { Trigger };

export interface TriggerRequest {
  /** Over names of functions: of the driver, of the kernel's interface, of the core. */
  readonly glob: string;
  readonly action: TriggerAction;
}

/** Words of the command line: `GLOB ACTION` pairs, also as one word with a blank, `:` or `=` between them. Throws LaunchError. */
export function parseTriggers(words: readonly string[]): TriggerRequest[] {
  const requests: TriggerRequest[] = [];
  let glob: string | undefined;
  for (const word of words.flatMap((one) => one.split(/[\s:=]+/)).filter((one) => one !== '')) {
    if (glob === undefined) {
      glob = word;
      continue;
    }
    const action = TRIGGER_ACTIONS.find((one) => one === word);
    if (action === undefined)
      throw new LaunchError('ERR_DDE_OPTION', `--on ${glob} ${word}: what to do is ${TRIGGER_ACTIONS.join(', ')}`);
    requests.push({ glob, action });
    glob = undefined;
  }
  if (glob !== undefined)
    throw new LaunchError('ERR_DDE_OPTION', `--on ${glob}: and what to do? ${TRIGGER_ACTIONS.join(', ')}`);
  return requests;
}

/** The sites of each trigger. A function that is both an API site and a core site triggers once, at the driver's call. */
export function chooseTriggers(sites: readonly Site[], requests: readonly TriggerRequest[]): Trigger[] {
  const chosen = new Map<number, Trigger>();
  for (const { glob, action } of requests) {
    const wanted = globToRegExp(glob);
    const found = sites.filter((site) => wanted.test(site.name));
    if (found.length === 0) throw new LaunchError('ERR_DDE_OPTION', `--on ${glob}: this build has no such function`);
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
