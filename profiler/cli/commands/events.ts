// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { KIND, type Trace } from '../../../tracer/decode/types.js';
import type { Context } from '../context.js';
import { interruptible, turn } from '../interruptible.js';
import { fileArgument, fileOf } from '../options/file.js';
import { type FilterOptions, filterOf, filterOptions, noMatch, unmatched } from '../options/filter.js';
import { jsonOption } from '../options/shared.js';
import { anyOf, GLOB_HELP, globs } from '../options/values.js';
import { eventLines } from '../lazy.js';
import { schemaName } from '../schemas/name.js';
import { requireFile } from '../trace-file.js';

interface EventsOptions extends FilterOptions {
  readonly match?: string[];
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile events run.ddet --match 'tcp:*' | head
  dde-profile events run.ddet --match irq:softirq_raise --from 1s --to 1100ms
  dde-profile events run.ddet --json | jq 'select(.name == "dma:dma_map") | .args.size'`;

const CHUNK = 1 << 16;
const SCHEMA = `{"schema":${JSON.stringify(schemaName('events'))},`;

/** Writes the lines; returns how many. */
async function write(whole: Trace, options: EventsOptions): Promise<number> {
  const { fdSink, partOf, jsonLine, textLine } = await eventLines();
  const matches = anyOf(options.match ?? ['*']);
  const filter = filterOf(options);
  const trace = filter === undefined ? whole : partOf(whole, filter);
  const wanted = new Map([...trace.eventById].filter(([, { name }]) => matches(name)));
  const from = options.from ?? 0;
  const json = jsonLine(from);
  const line: typeof json = options.json === true ? (...of) => SCHEMA + json(...of).slice(1) : textLine(trace, from);
  const sink = fdSink(1);
  let text = '';
  let lines = 0;
  await turn();
  interruptible(() =>
    trace.forEachBatch(
      (batch) => {
        for (let i = 0; i < batch.count; i++) {
          const event = batch.kind[i] === KIND.event ? wanted.get(batch.id[i] as number) : undefined;
          if (event === undefined) continue;
          text += line(batch, i, event);
          lines++;
          if (text.length < CHUNK) continue;
          sink.write(Buffer.from(text));
          text = '';
        }
      },
      { order: 'time' },
    ),
  );
  sink.write(Buffer.from(text));
  return lines;
}

export function registerEvents(program: Command, _context: Context): void {
  const command = fileArgument(program.command('events'))
    .description('list the events of a recording in time order, with all their arguments')
    .option('--match <glob>', `only events of these names, such as napi:*: ${GLOB_HELP}`, globs);
  jsonOption(filterOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (given: string | undefined, options: EventsOptions) => {
      const file = fileOf(given);
      requireFile(file);
      const { openTrace } = await eventLines();
      const whole = openTrace(file);
      try {
        const nothing = unmatched(whole, options);
        if (nothing !== undefined) throw nothing;
        if ((await write(whole, options)) > 0) return;
        const names = [...whole.eventById.values()].map(({ name }) => name);
        const text = options.match === undefined ? 'no matching events' : noMatch(options.match, names, 'events');
        process.stderr.write(`dde-profile: ${text}\n`);
      } catch (error) {
        // `... | head` is no fault.
        if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
      } finally {
        whole.close();
      }
    });
}
