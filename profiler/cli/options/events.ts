// SPDX-License-Identifier: MIT
// --tracepoint and --on: tracepoints by name and triggers, for record, attach and control.

import type { Command } from 'commander';
import { readTracepoints, type Site } from '../../builds/index.js';
import { type Category, chooseTracepoints, chooseTriggers, parseTriggers, type Trigger } from '../../record/index.js';

export interface EventOptions {
  readonly tracepoint?: string[];
  readonly on?: string[];
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function eventOptions(command: Command): Command {
  return command
    .option(
      '--tracepoint <glob>',
      "record the kernel's or the driver's own tracepoints, as tcp:*; may be given again",
      collect,
    )
    .option('--on <glob-action...>', "at a call of a function: 'GLOB' snapshot, stop or stack; may be given again");
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
