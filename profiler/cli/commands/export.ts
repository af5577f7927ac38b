// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import type { FileSink } from '../../export/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type FilterOptions, filterOf, filterOptions } from '../options/filter.js';
import { interruptible } from '../interruptible.js';
import { jsonOption } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { exports_ } from '../parts.js';
import { exportTables, TABLES } from '../queries/export-tables.js';
import { didYouMean } from '../suggest.js';
import { loadTrace } from '../trace-file.js';

interface ExportCommandOptions extends FilterOptions {
  readonly format: string;
  readonly output?: string;
  readonly virtualCpu: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile export run.ddet --format speedscope        writes run.speedscope.json
  dde-profile export run.ddet --format collapsed -o - | sort | head
  dde-profile export run.ddet --format parquet -o recordings/`;

/** run.ddet becomes run.EXTENSION. */
export function exportPath(file: string, extension: string): string {
  return `${file.replace(/\.ddet$/, '')}.${extension}`;
}

function printNotes(notes: readonly string[] = []): void {
  for (const note of notes) process.stderr.write(`${note}\n`);
}

/** The files are there when all of `write` is done; after a fault or Ctrl-C none of them is. */
function into<T>(sink: FileSink, write: () => T): T {
  try {
    const result = write();
    sink.commit();
    return result;
  } finally {
    sink.discard();
  }
}

async function tables(file: string, options: ExportCommandOptions, { signal }: Context): Promise<void> {
  if (options.output === '-') {
    throw new CliError(EXIT.usage, '--format parquet writes a folder, not a stream', 'Name it: -o FOLDER');
  }
  const progress = startProgress(process.stderr);
  try {
    const dir = await exportTables(
      file,
      options.output ?? exportPath(file, 'tables'),
      filterOf(options),
      progress,
      signal,
    );
    progress.end();
    if (options.json === true) printJson({ format: TABLES.name, folder: dir });
    else process.stdout.write(`${dir}\n`);
  } finally {
    progress.end();
  }
}

export function registerExport(program: Command, context: Context): void {
  const command = program
    .command('export')
    .description('write a recording in a format of another tool')
    .argument('<file>', 'a trace file')
    .argument('[output]', 'the same as -o')
    .option('--format <name>', 'the format; a wrong name lists them', 'speedscope')
    .option('-o, --output <file>', 'where to; - is the standard output')
    .option(
      '--virtual-cpu',
      'speedscope: all threads on one axis in time order, too (twice the size; chrome and perfetto always have it)',
      false,
    );
  jsonOption(filterOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, where: string | undefined, given: ExportCommandOptions) => {
      const options = where === undefined ? given : { ...given, output: where };
      if (options.format === TABLES.name) return tables(file, options, context);
      const { exporters, fdSink, fileSink } = await exports_();
      const exporter = exporters.find(({ name }) => name === options.format);
      if (exporter === undefined) {
        const all = [...exporters, TABLES];
        const names = all.map(({ name }) => name);
        const hint = didYouMean(options.format, names) ?? '';
        const list = all.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`).join('\n');
        throw new CliError(EXIT.usage, `no format ${JSON.stringify(options.format)}`, `${hint}\n${list}`.trimStart());
      }
      const progress = startProgress(process.stderr);
      try {
        if (options.virtualCpu && exporter.virtualCpuOnRequest !== true) {
          throw new CliError(
            EXIT.usage,
            `--virtual-cpu: the format ${exporter.name} takes no such wish`,
            'It is for --format speedscope.',
          );
        }
        const { virtualCpu } = options;
        const keep = {
          packets: exporter.needsPackets === true,
          callArguments: exporter.showsArguments === true,
          ...(exporter.callsOnly === true ? { only: [] } : {}),
          // One stream is one file: no parts.
          ...(exporter.usesEvents === undefined || options.output === '-' ? {} : { maxEvents: exporter.usesEvents }),
        };
        const profile = await loadTrace(file, exporter.needsTimeline, progress, filterOf(options), keep);
        if (options.output === '-') {
          const sink = fdSink(1);
          const whole = { virtualCpu, maxEvents: Number.POSITIVE_INFINITY };
          const { notes } = interruptible(() => exporter.write(profile, { open: () => sink }, whole));
          progress.end();
          printNotes(notes);
          return;
        }
        const sink = fileSink(options.output ?? exportPath(file, exporter.extension), exporter.extension);
        const { records, notes } = into(sink, () => interruptible(() => exporter.write(profile, sink, { virtualCpu })));
        progress.end();
        if (options.json === true) printJson({ format: exporter.name, files: sink.paths, records, notes: notes ?? [] });
        else {
          process.stdout.write(`${sink.paths.join('\n')}\n`);
          printNotes(notes);
        }
      } finally {
        progress.end();
      }
    });
}
