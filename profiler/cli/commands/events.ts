// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { KIND } from '../../../tracer/decode/types.js';
import { globToRegExp } from '../../record/index.js';
import type { Context } from '../context.js';
import { type FilterOptions, filterOf, filterOptions } from '../options/filter.js';
import { jsonOption } from '../options/shared.js';
import { interruptible } from '../interruptible.js';
import { eventLines } from '../parts.js';
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

export function registerEvents(program: Command, _context: Context): void {
  const command = program
    .command('events')
    .description('list the events of a recording in time order, with all their arguments')
    .argument('<file>', 'a trace file')
    .option(
      '--match <glob>',
      'only events of these names, as napi:*; may be given again',
      (value, before: string[] = []) => [...before, value],
    );
  jsonOption(filterOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: EventsOptions) => {
      requireFile(file);
      const { fdSink, partOf, jsonLine, openTrace, textLine } = await eventLines();
      const globs = (options.match ?? ['*']).map(globToRegExp);
      const sink = fdSink(1);
      const whole = openTrace(file);
      try {
        const filter = filterOf(options);
        const trace = filter === undefined ? whole : partOf(whole, filter);
        const wanted = new Map([...trace.eventById].filter(([, { name }]) => globs.some((glob) => glob.test(name))));
        const line = options.json === true ? jsonLine(options.from ?? 0) : textLine(trace, options.from ?? 0);
        let text = '';
        interruptible(() =>
          trace.forEachBatch(
            (batch) => {
              for (let i = 0; i < batch.count; i++) {
                const event = batch.kind[i] === KIND.event ? wanted.get(batch.id[i] as number) : undefined;
                if (event === undefined) continue;
                text += line(batch, i, event);
                if (text.length < CHUNK) continue;
                sink.write(Buffer.from(text));
                text = '';
              }
            },
            { order: 'time' },
          ),
        );
        sink.write(Buffer.from(text));
      } catch (error) {
        // `... | head` is no fault.
        if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
      } finally {
        whole.close();
      }
    });
}
