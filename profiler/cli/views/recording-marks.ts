// SPDX-License-Identifier: MIT
// The moments at which a trigger asked for a snapshot, in a recording that holds everything anyway: where to look, instead of a copy.

import { seconds } from '../../show/index.js';
import { interruptible } from '../interruptible.js';
import { eventLines } from '../lazy.js';

export interface Mark {
  readonly function: string;
  /** ns since the trace began. */
  readonly at: number;
}

export interface Marks {
  /** The first ones. */
  readonly list: readonly Mark[];
  readonly text: string;
}

const SHOWN = 10;
/** What a snapshot would be of, ns before and after. */
const AROUND = 100e6;

/** `asked`: how many calls asked, as the driver process counted them. Reads the file up to the last that is shown. */
export async function recordingMarks(file: string, asked: number): Promise<Marks | undefined> {
  if (asked === 0) return undefined;
  const { eventArgs, KIND, openTrace, symbolName } = await eventLines();
  const trace = openTrace(file);
  const list: Mark[] = [];
  try {
    const action = trace.enums['trigger']?.indexOf('snapshot');
    interruptible(
      () =>
        trace.forEachBatch(
          (b) => {
            for (let i = 0; i < b.count && list.length < SHOWN; i++) {
              const event = b.kind[i] === KIND.event ? trace.eventById.get(b.id[i] as number) : undefined;
              if (event?.name !== 'dde:trigger') continue;
              const args = eventArgs(event, b, i);
              if (args['action'] === action)
                list.push({ function: symbolName(trace, args['function'] as number), at: b.ts[i] as number });
            }
            return list.length < SHOWN;
          },
          { order: 'time' },
        ),
      { afterInterrupt: true },
    );
  } finally {
    trace.close();
  }
  const place = (ns: number): string => seconds(Math.max(0, ns), 6);
  const option = (ns: number): string => place(ns).replace(' ', '');
  const lines = list.map(
    ({ function: name, at }) =>
      `  ${place(at)}  ${name}: dde-profile report ${file} --from ${option(at - AROUND)} --to ${option(at + AROUND)}\n`,
  );
  const more = asked > list.length && list.length > 0 ? `  and ${asked - list.length} more\n` : '';
  return { list, text: `calls that asked for a snapshot: ${asked}; all is in the trace\n${lines.join('')}${more}` };
}
