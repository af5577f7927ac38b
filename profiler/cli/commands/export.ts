// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { type Exporter, exporters, type FileSink } from '../../export/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { fileArgument, fileOf } from '../options/file.js';
import { type FilterOptions, filterOptions } from '../options/filter.js';
import { listOption } from '../options/list.js';
import { interruptible, turn } from '../interruptible.js';
import { jsonOption } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { exports_ } from '../lazy.js';
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
  dde-profile export --list
  dde-profile export run.ddet --format speedscope        writes run.speedscope.json
  dde-profile export run.ddet --format collapsed -o - | sort | head
  dde-profile export run.ddet --format parquet -o recordings/`;

/** run.ddet becomes run.EXTENSION. */
function exportPath(file: string, extension: string): string {
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

async function exporterOf(options: ExportCommandOptions): Promise<Exporter> {
  const { exporters } = await exports_();
  const exporter = exporters.find(({ name }) => name === options.format);
  if (exporter === undefined) {
    const all = [...exporters, TABLES];
    const names = all.map(({ name }) => name);
    const hint = didYouMean(options.format, names) ?? '';
    const list = all.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`).join('\n');
    throw new CliError(EXIT.usage, `no format ${JSON.stringify(options.format)}`, `${hint}\n${list}`.trimStart());
  }
  if (options.virtualCpu && exporter.virtualCpuOnRequest !== true)
    throw new CliError(EXIT.usage, 'only --format speedscope supports --virtual-cpu');
  if (options.output === '-' && options.json === true)
    throw new CliError(EXIT.usage, '--json and -o -: both want the standard output', 'Leave one of them out.');
  return exporter;
}

async function tables(file: string, options: ExportCommandOptions, { signal }: Context): Promise<void> {
  if (options.output === '-') {
    throw new CliError(EXIT.usage, '--format parquet writes a folder, not a stream', 'Name it: -o FOLDER');
  }
  const progress = startProgress(process.stderr);
  try {
    const { dir, events } = await exportTables(
      file,
      options.output ?? exportPath(file, 'tables'),
      options,
      progress,
      signal,
    );
    progress.end();
    if (options.json === true) printJson('export', { format: TABLES.name, files: [dir], records: events, notes: [] });
    else process.stdout.write(`${dir}\n`);
  } finally {
    progress.end();
  }
}

async function write(file: string, exporter: Exporter, options: ExportCommandOptions): Promise<void> {
  const { fdSink, fileSink } = await exports_();
  const { virtualCpu } = options;
  const progress = startProgress(process.stderr);
  try {
    const keep = {
      packets: exporter.needsPackets === true,
      callArguments: exporter.showsArguments === true,
      ...(exporter.callsOnly === true ? { only: [] } : {}),
      // One stream is one file: no parts.
      ...(exporter.usesEvents === undefined || options.output === '-' ? {} : { maxEvents: exporter.usesEvents }),
    };
    const profile = await loadTrace(file, exporter.needsTimeline, progress, options, keep);
    progress.step(`write ${exporter.name}`);
    await turn();
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
    if (options.json === true)
      printJson('export', { format: exporter.name, files: sink.paths, records, notes: notes ?? [] });
    else {
      process.stdout.write(`${sink.paths.join('\n')}\n`);
      printNotes(notes);
    }
  } finally {
    progress.end();
  }
}

export function registerExport(program: Command, context: Context): void {
  const command = fileArgument(program.command('export'))
    .description('write a recording in a format of another tool')
    .option('--format <name>', 'the format (--list names them)', 'speedscope')
    .option('-o, --output <file>', 'where to; - is the standard output')
    .option(
      '--virtual-cpu',
      'speedscope: all threads on one axis in time order, too (twice the size; chrome and perfetto always have it)',
      false,
    );
  listOption(command, 'formats', () => ({
    formats: [...exporters, TABLES].map(({ name, description }) => ({ name, text: description })),
  }));
  jsonOption(filterOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (given: string | undefined, options: ExportCommandOptions) => {
      if (options.format === TABLES.name) return tables(fileOf(given), options, context);
      const exporter = await exporterOf(options);
      await write(fileOf(given), exporter, options);
    });
}
