// SPDX-License-Identifier: MIT
// --tracepoint and --on: tracepoints by name and triggers, for record, attach and control.

import type { Command } from 'commander';
import { readTracepoints, type Site } from '../../builds/index.js';
import {
  type Category,
  chooseTracepoints,
  chooseTriggers,
  parseTriggers,
  TRIGGER_ACTIONS,
  type Trigger,
} from '../../record/index.js';
import { append, GLOB_HELP, globs } from './values.js';

export interface EventOptions {
  readonly tracepoint?: string[];
  readonly on?: string[];
}

/** Checked at once: what follows a wrong one would be taken for the driver's name. */
function trigger(value: string, before: string[] | undefined): string[] {
  parseTriggers([value]);
  return append(value, before);
}

export function eventOptions(command: Command): Command {
  return command
    .option(
      '--tracepoint <glob>',
      `also record the kernel's or the driver's own tracepoints, such as tcp:*: ${GLOB_HELP}`,
      globs,
    )
    .option(
      '--on <glob=action>',
      `at a call of a function: ${TRIGGER_ACTIONS.join(', ')}; may be given again`,
      trigger,
    );
}

/** What the options add to a recording of these sites and categories. Throws LaunchError. */
export function withEvents<W extends { sites: Site[]; chosen: number[]; categories: Category[] }>(
  dir: string,
  what: W,
  options: EventOptions,
): W & { readonly tracepoints: number[]; readonly triggers: Trigger[] } {
  const tracepoints = chooseTracepoints(readTracepoints(dir), options.tracepoint ?? []);
  const triggers = chooseTriggers(what.sites, parseTriggers(options.on ?? []));
  const chosen = new Set(what.chosen);
  for (const { site } of triggers) chosen.add(site);
  const categories = new Set(what.categories);
  if (tracepoints.length > 0) categories.add('tracepoint');
  if (triggers.length > 0) categories.add('mark');
  return {
    ...what,
    chosen: [...chosen].sort((a, b) => a - b),
    categories: [...categories],
    tracepoints,
    triggers,
  };
}
