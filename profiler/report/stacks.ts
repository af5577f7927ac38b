// SPDX-License-Identifier: MIT
// Stacks that triggers recorded.

import type { Profile } from '../model/index.js';
import { count } from './format.js';
import type { Table } from './table.js';

export function stackData(profile: Profile) {
  return profile.domain.stacks.map(({ function: name, count: calls, frames }) => ({ name, calls, frames }));
}

/** One row a frame, innermost first. */
export function stackTable(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const chosen = profile.domain.stacks.filter((stack) => match?.(stack.function) ?? true);
  return {
    title: 'Stacks at triggers (innermost first)',
    columns: [{ head: 'calls' }, { head: 'function', left: true }, { head: 'called by', left: true }],
    rows: chosen
      .slice(0, top)
      .flatMap((stack) => [
        [count(stack.count), stack.function, stack.frames[0] ?? ''],
        ...stack.frames.slice(1).map((frame) => ['', '', frame]),
      ]),
  };
}
