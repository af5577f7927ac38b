// SPDX-License-Identifier: MIT
import type { Profile } from '../../model/index.js';
import { count, type Table } from '../../show/index.js';
import type { TopicTable } from '../contract.js';
import { stackStats } from './stats.js';

function stackData(profile: Profile) {
  return profile.topics.get(stackStats).map(({ function: name, count: calls, frames }) => ({ name, calls, frames }));
}

/** One row a frame, innermost first. */
function tableOf(profile: Profile, top: number, match?: (name: string) => boolean): Table {
  const chosen = profile.topics.get(stackStats).filter((stack) => match?.(stack.function) ?? true);
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

export const stackTable: TopicTable = {
  name: 'stacks',
  summary: true,
  textOnly: true,
  data: stackData,
  tables: (profile, top, { match }) => [tableOf(profile, top, match)],
};
