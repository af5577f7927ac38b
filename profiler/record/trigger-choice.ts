// SPDX-License-Identifier: MIT
// --on: calls that set something off.

import { MAX_TRIGGERS, TRIGGER_ACTIONS, type Trigger, type TriggerAction } from '../../tracer/recorder/triggers.js';
import { LaunchError } from '../builds/errors.js';
import type { Site } from '../builds/manifest.js';
import { globToRegExp } from './site-choice.js';

export { TRIGGER_ACTIONS, type Trigger };

export interface TriggerRequest {
  /** Over names of functions: of the driver, of the kernel's interface, of the core. */
  readonly glob: string;
  readonly action: TriggerAction;
}

const ACTIONS = `${TRIGGER_ACTIONS.slice(0, -1).join(', ')} or ${TRIGGER_ACTIONS.at(-1)}`;

/** Each `GLOB=ACTION`. Throws LaunchError. */
export function parseTriggers(words: readonly string[]): TriggerRequest[] {
  return words.map((word) => {
    const at = word.lastIndexOf('=');
    const fail = (text: string): never => {
      throw new LaunchError('ERR_DDE_OPTION', `--on ${word}: ${text}`);
    };
    if (at < 0) {
      const [glob = '', old] = word.split(/[\s:]+/);
      const example = old === undefined ? `--on '${glob}=stack'` : `--on '${glob}=${old}'`;
      return fail(`missing action (${ACTIONS}); write it as one word: ${example}`);
    }
    const glob = word.slice(0, at).trim();
    const given = word.slice(at + 1).trim();
    const action = TRIGGER_ACTIONS.find((one) => one === given);
    if (glob === '') return fail('missing function');
    if (action === undefined) return fail(`${JSON.stringify(given)} is not an action: expected ${ACTIONS}`);
    return { glob, action };
  });
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
      `--on: ${chosen.size} functions match, at most ${MAX_TRIGGERS} can be watched; use a narrower pattern`,
    );
  return [...chosen.values()];
}
