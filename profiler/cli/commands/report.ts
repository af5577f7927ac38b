// SPDX-License-Identifier: MIT
import { type Command, Option } from 'commander';
import type { Profile } from '../../model/index.js';
import type { ReportName } from '../../report/index.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { interruptible } from '../interruptible.js';
import { fileArgument, fileOf } from '../options/file.js';
import { type FilterOptions, filterOptions, noMatch } from '../options/filter.js';
import { type FindingsOptions, findingsOptions, tellFindings } from '../options/findings.js';
import { listOption } from '../options/list.js';
import { jsonOption } from '../options/shared.js';
import { anyOf, GLOB_HELP, globs, positive } from '../options/values.js';
import { printJson, startProgress } from '../output.js';
import { analysis, exports_, reports } from '../lazy.js';
import { didYouMean } from '../suggest.js';
import { outputStyle } from '../terminal.js';
import { loadTrace } from '../trace-file.js';
import { csv, rowsOf } from '../views/csv.js';
import { FINDING_KINDS, REPORT_TABLES } from '../views/report-names.js';

interface ReportCommandOptions extends FilterOptions, FindingsOptions {
  readonly match?: string[];
  readonly by?: string;
  readonly top?: number;
  readonly function?: string;
  readonly findings?: boolean;
  readonly subtractOverhead?: boolean;
  readonly html?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile report
  dde-profile report run.ddet --by api --top 40
  dde-profile report run.ddet --by callers --function dma_map_page_attrs
  dde-profile report run.ddet --by arguments --function dma_map_page_attrs
  dde-profile report run.ddet --from 2s --to 2.5s --match 'dma_*'
  dde-profile report run.ddet --by functions --csv
  dde-profile report run.ddet --findings
  dde-profile report run.ddet --findings --save sarif=run.sarif --baseline known.json --fail-on warning`;

function usage(text: string, advice?: string): never {
  throw new CliError(EXIT.usage, text, advice);
}

/** Functions of one function alone. */
const ONE_FUNCTION = ['callers', 'arguments'];

/** @throws CliError for names that are none and for options that would be ignored */
async function tablesOf(options: ReportCommandOptions): Promise<ReportName[] | undefined> {
  const { REPORT_NAMES } = await reports();
  const by = options.by?.split(',');
  for (const name of by ?? []) {
    if ((REPORT_NAMES as readonly string[]).includes(name)) continue;
    const hint = didYouMean(name, REPORT_NAMES) ?? '';
    usage(`no table ${JSON.stringify(name)}`, `${hint} Tables: ${REPORT_NAMES.join(', ')}`.trim());
  }
  const one = by?.find((name) => ONE_FUNCTION.includes(name));
  if (one !== undefined && options.function === undefined)
    usage(`--by ${one} is about one function`, 'Name it: --function dma_map_page_attrs');
  if (one === undefined && options.function !== undefined)
    usage('--function is for --by callers and --by arguments', `Add --by callers or --by arguments.`);
  if (options.csv === true && by?.length !== 1) usage('--csv writes one table', 'Name it: --by functions');
  const forFindings = [
    options.findingsFormat,
    options.output,
    options.save,
    options.baseline,
    options.writeBaseline,
    options.failOn,
  ];
  if (options.findings !== true && forFindings.some((one) => one !== undefined))
    usage(
      '--findings-format, --output, --save, --baseline, --write-baseline and --fail-on are for --findings',
      'Add --findings.',
    );
  const filtered = [options.from, options.to, options.thread, options.minDuration].some((one) => one !== undefined);
  if (options.findings === true && filtered)
    usage('--findings looks at the whole recording', 'Leave out --from, --to, --thread and --min-duration.');
  if (options.subtractOverhead === true && options.minDuration !== undefined)
    usage(
      '--subtract-overhead and --min-duration: the cost of recording the calls that are left out is not known',
      'Use one of them.',
    );
  return by as ReportName[] | undefined;
}

/** Says on stderr what --match fits in none of the tables. */
function tellUnmatched(text: string, patterns: readonly string[], profile: Profile): void {
  const { overview: _, ...tables } = JSON.parse(text) as Record<string, unknown>;
  const found = Object.values(tables).some((data) =>
    Array.isArray(data) ? data.length > 0 : rowsOf(data)[0] !== data,
  );
  if (found) return;
  const names = [...profile.frames.list.map(({ name }) => name), ...profile.threads.map(({ name }) => name)];
  process.stderr.write(`dde-profile: ${noMatch(patterns, names, 'rows')}\n`);
}

async function printTables(
  profile: Profile,
  by: ReportName[] | undefined,
  options: ReportCommandOptions,
): Promise<void> {
  const { renderReport } = await reports();
  const { color, width } = outputStyle();
  const wanted = {
    ...(by === undefined ? {} : { by }),
    ...(options.match === undefined ? {} : { match: anyOf(options.match) }),
    ...(options.top === undefined ? {} : { top: options.top }),
    ...(options.function === undefined ? {} : { function: options.function }),
  };
  const asJson = (): string => interruptible(() => renderReport(profile, { ...wanted, json: true }));
  if (options.json === true) printJson('report', JSON.parse(asJson()) as object);
  else if (options.csv === true)
    process.stdout.write(csv(rowsOf((JSON.parse(asJson()) as Record<string, unknown>)[by?.[0] ?? ''])));
  else {
    const look = { color, ...(width === undefined ? {} : { width }) };
    process.stdout.write(interruptible(() => renderReport(profile, { ...wanted, ...look })));
  }
  if (options.match !== undefined) tellUnmatched(asJson(), options.match, profile);
  else if (profile.threads.every(({ calls }) => calls === 0) && profile.accounting.recorded === 0)
    process.stderr.write('dde-profile: no matching events\n');
}

async function writeHtml(file: string, profile: Profile, top: number | undefined): Promise<void> {
  const { renderHtml } = await reports();
  const { writeWhole } = await exports_();
  writeWhole(
    file,
    interruptible(() => renderHtml(profile, top === undefined ? {} : { top })),
  );
  process.stdout.write(`${file}\n`);
}

async function printFindings(profile: Profile, options: ReportCommandOptions): Promise<ExitCode> {
  const { findings } = await analysis();
  const list = interruptible(() => findings(profile));
  const told = {
    subject: profile.meta.driver ?? 'driver',
    color: outputStyle().color,
    failOn: 'never',
    verb: 'report',
  } as const;
  return tellFindings(list, options, told);
}

export function registerReport(program: Command, context: Context): void {
  const command = fileArgument(program.command('report'))
    .description('print the tables of a recording')
    .option('--by <table>', 'one table or several, separated by commas (--list names them)')
    .option('--top <n>', 'rows in each table', positive)
    .option('--function <name>', 'for --by callers and --by arguments: the function')
    .addOption(
      new Option('--html <file>', 'write all of it as one HTML file: findings, flame graph, tables').conflicts([
        'by',
        'function',
        'match',
        'findings',
        'json',
        'csv',
      ]),
    )
    .option('--subtract-overhead', "take the tracer's own cost out of total and own times")
    .addOption(
      new Option('--findings', 'what is wrong in the recording, instead of the tables').conflicts([
        'by',
        'function',
        'match',
        'top',
        'csv',
        'subtractOverhead',
      ]),
    )
    .addOption(new Option('--csv', 'print the table as CSV; times are in nanoseconds').conflicts('json'));
  listOption(command, 'tables and kinds of findings', () => ({ tables: REPORT_TABLES, findings: FINDING_KINDS }));
  findingsOptions(command).option('-o, --output <file>', 'with --findings: write them to a file');
  filterOptions(command).option('--match <glob>', `only rows of these names: ${GLOB_HELP}`, globs);
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (given: string | undefined, options: ReportCommandOptions) => {
      const by = await tablesOf(options);
      const file = fileOf(given);
      const { neededBy } = await reports();
      const progress = startProgress(process.stderr);
      try {
        const all = options.html !== undefined || options.findings === true;
        const profile = await loadTrace(file, false, progress, options, {
          subtractOverhead: options.subtractOverhead === true,
          ...(all ? {} : { only: neededBy(by) }),
          ...(options.function === undefined ? {} : { valuesOf: options.function }),
        });
        progress.end();
        if (options.subtractOverhead === true && profile.meta.minDuration !== undefined)
          usage(
            `${file}: --subtract-overhead: short calls were left out when recording, what recording them cost is not known`,
            'Record without --min-duration.',
          );
        if (options.html !== undefined) await writeHtml(options.html, profile, options.top);
        else if (options.findings === true) context.exit(await printFindings(profile, options));
        else await printTables(profile, by, options);
      } finally {
        progress.end();
      }
    });
}
