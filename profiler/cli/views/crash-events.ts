// SPDX-License-Identifier: MIT
// What a recording holds of the moments before a crash: the last events of the thread, the last accesses to the device.

import type { Trace } from '../../../tracer/decode/types.js';
import { interruptible } from '../interruptible.js';
import { eventLines } from '../lazy.js';

export interface CrashEvents {
  /** Of the thread that crashed, oldest first. */
  readonly events: readonly string[];
  /** Of all threads, oldest first. */
  readonly registerAccesses: readonly string[];
}

const EVENTS = 50;
const ACCESSES = 10;
const ACCESS = /^dde:(mmio|pio)_(read|write)$/;

const hex = (n: number): string => (n < 0 ? String(n) : `0x${n.toString(16)}`);

function namesOf(trace: Trace): Map<number, string> {
  const list = trace.metadata['registers'];
  const rows = Array.isArray(list) ? (list as { offset?: unknown; name?: unknown }[]) : [];
  return new Map(rows.map(({ offset, name }) => [Number(offset), String(name)]));
}

/** Numbers of the last `most` items of a batch that `wanted` takes, oldest first. */
function lastOf(count: number, most: number, wanted: (i: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = count - 1; i >= 0 && found.length < most; i--) if (wanted(i)) found.unshift(i);
  return found;
}

/** @param pid Linux's, of the thread; names come again */
export async function crashEvents(file: string, thread: string, pid: number | undefined): Promise<CrashEvents> {
  const { callArgs, eventArgs, FLAG, KIND, openTrace, symbolName, textLine } = await eventLines();
  const trace = openTrace(file);
  const registers = namesOf(trace);
  const typed = textLine(trace, 0);
  let events: string[] = [];
  let accesses: { readonly at: number; readonly text: string }[] = [];
  const time = (at: number): string => (at / 1e9).toFixed(9).padStart(14);
  try {
    interruptible(() =>
      trace.forEachBatch((batch) => {
        const { count, kind, flags, id, ts } = batch;
        const eventOf = (i: number) => (kind[i] === KIND.event ? trace.eventById.get(id[i] as number) : undefined);
        const access = (i: number): string => {
          const event = eventOf(i);
          const args = event === undefined ? {} : eventArgs(event, batch, i);
          const [, space, way] = ACCESS.exec(event?.name ?? '') ?? [];
          const name = registers.get(Number(args['offset']));
          const where = name ?? `${space} ${hex(Number(args['offset']))}`;
          const by = symbolName(trace, Number(args['caller']));
          return `${time(ts[i] as number)}  ${way} ${where} ${way === 'write' ? '<-' : '='} ${hex(Number(args['value']))}  by ${by}`;
        };
        const line = (i: number): string => {
          const event = eventOf(i);
          if (event !== undefined) return typed(batch, i, event).trimEnd();
          const site = trace.sites[id[i] as number];
          const head = `${time(ts[i] as number)}  ${`${batch.thread.name}-${batch.thread.tid}`.padEnd(20)}`;
          if (site === undefined) return `${head} ?`;
          const args = Object.entries(callArgs(trace, batch, i)).map(
            ([name, value]) => `${name}=${typeof value === 'number' ? hex(value) : value}`,
          );
          return `${head} ${kind[i] === KIND.entry ? '->' : '<-'} ${site.name}${args.length === 0 ? '' : ` ${args.join(' ')}`}`;
        };
        const { name, tid } = batch.thread;
        if (name === thread && (pid === undefined || tid === pid)) {
          // Exits that the decoder made up, as the calls were open at the end, did not happen.
          const mine = lastOf(count, EVENTS, (i) => ((flags[i] as number) & FLAG.synthetic) === 0);
          events = [...events, ...mine.map(line)].slice(-EVENTS);
        }
        const these = lastOf(count, ACCESSES, (i) => ACCESS.test(eventOf(i)?.name ?? ''));
        accesses.push(...these.map((i) => ({ at: ts[i] as number, text: access(i) })));
        if (accesses.length > 50 * ACCESSES) accesses = accesses.sort((a, b) => a.at - b.at).slice(-ACCESSES);
      }),
    );
  } finally {
    trace.close();
  }
  const newest = accesses.sort((a, b) => a.at - b.at).slice(-ACCESSES);
  return { events, registerAccesses: newest.map(({ text }) => text) };
}

/** Ends with a newline; empty when nothing was recorded. */
export function renderCrashEvents({ events, registerAccesses }: CrashEvents, thread: string): string {
  return [
    ...(registerAccesses.length === 0 ? [] : ['last accesses to the device:', ...registerAccesses]),
    ...(events.length === 0 ? [] : [`last ${events.length} events of '${thread}':`, ...events]),
    '',
  ].join('\n');
}
