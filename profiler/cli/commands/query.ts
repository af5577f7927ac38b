// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type FilterOptions, filterOf, filterOptions } from '../options/filter.js';
import { jsonOption } from '../options/shared.js';
import { append, positive } from '../options/values.js';
import { startProgress } from '../output.js';
import { answer, type Format } from '../queries/answer.js';
import { openRecordings } from '../queries/recordings.js';

interface QueryOptions extends FilterOptions {
  readonly file?: string;
  readonly format?: Format;
  readonly output?: string;
  readonly limit?: number;
  readonly allowFiles?: string[];
  readonly schema?: boolean;
  readonly examples?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile query run.ddet 'SELECT name, count(*) FROM slice GROUP BY name ORDER BY 2 DESC LIMIT 10'
  dde-profile query run.ddet -f question.sql --format csv -o answer.csv
  dde-profile query run.ddet                    an interactive prompt
  dde-profile query recordings/ 'SELECT recording, count(*) FROM irq GROUP BY ALL'
  dde-profile query --schema                    tables and columns, with units
  dde-profile query --examples                  questions and their SQL`;

/** The statements that were asked for; undefined: an interactive prompt. */
async function sqlOf(sql: string | undefined, file: string | undefined): Promise<string | undefined> {
  if (sql !== undefined && file !== undefined) {
    throw new CliError(EXIT.usage, 'SQL is given both as an argument and with -f', 'Use one of them.');
  }
  if (file !== undefined && file !== '-') return readFileSync(file, 'utf8');
  if (file === '-' || (sql === undefined && !process.stdin.isTTY)) return readFileSync(0, 'utf8');
  return sql;
}

export function registerQuery(program: Command, context: Context): void {
  const command = program
    .command('query')
    .description('ask a recording, or a folder of recordings, in SQL')
    .argument('[file]', 'a trace file, or a folder of trace files or of what export --format parquet wrote')
    .argument('[sql]', 'SQL statements; the rows of the last one are printed. Left out: an interactive prompt')
    .option('-f, --file <file>', 'read the SQL from a file; - is the standard input')
    .addOption(
      new Option('--format <name>', 'how the rows are printed (default: table)').choices([
        'table',
        'csv',
        'json',
        'parquet',
      ]),
    )
    .option('-o, --output <file>', 'write the rows to a file; .csv, .json and .parquet choose the format')
    .option('--limit <n>', 'rows of a table printed at most', positive)
    .option('--allow-files <dir>', 'let SQL read and write files in this folder; may be given again', append)
    .option('--schema', 'list tables, columns, units, views and macros', false)
    .option('--examples', 'list the ready queries; --examples NAME in place of the SQL runs one', false);
  jsonOption(filterOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, sql: string | undefined, options: QueryOptions) => {
      const { describe, exampleSql } = await import('../queries/describe.js');
      if (file === undefined) {
        if (options.schema !== true && options.examples !== true) {
          throw new CliError(
            EXIT.usage,
            'missing argument: a trace file or a folder',
            'dde-profile query --schema needs none.',
          );
        }
        await describe(options);
        return;
      }
      if (options.schema === true || (options.examples === true && sql === undefined)) return describe(options);
      const text = options.examples === true ? await exampleSql(sql as string) : await sqlOf(sql, options.file);
      const progress = startProgress(process.stderr, !process.stderr.isTTY);
      const recordings = await openRecordings(file, {
        filter: filterOf(options),
        options,
        allowFiles: options.allowFiles ?? [],
        progress,
        signal: context.signal,
      });
      try {
        progress.end();
        if (text === undefined) await (await import('../queries/prompt.js')).prompt(recordings, context.signal);
        else await answer(recordings.engine, text, { ...options, signal: context.signal });
      } finally {
        progress.end();
        recordings.close();
      }
    });
}
