// SPDX-License-Identifier: MIT
import { type Command, InvalidArgumentError } from 'commander';
import type { ReportName } from '../../report/index.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type FilterOptions, filterOf, filterOptions, pattern } from '../options/filter.js';
import { type FindingsOptions, findingsOptions, tellFindings } from '../options/findings.js';
import { interruptible } from '../interruptible.js';
import { jsonOption } from '../options/shared.js';
import { startProgress } from '../output.js';
import { outputStyle } from '../terminal.js';
import { analysis, exports_, reports } from '../parts.js';
import { didYouMean } from '../suggest.js';
import { loadTrace } from '../trace-file.js';

interface ReportCommandOptions extends FilterOptions, FindingsOptions {
  readonly match?: string;
  readonly by?: string;
  readonly top?: number;
  readonly function?: string;
  readonly findings?: boolean;
  readonly subtractOverhead: boolean;
  readonly html?: string;
  readonly json?: boolean;
}

function rows(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('must be a positive integer');
  return number;
}

const EXAMPLES = `
Examples:
  dde-profile report run.ddet
  dde-profile report run.ddet --by api --top 40
  dde-profile report run.ddet --by callers --function dma_map_page_attrs
  dde-profile report run.ddet --by arguments --function dma_map_page_attrs
  dde-profile report run.ddet --from 2s --to 2.5s --match 'dma_*'
  dde-profile report run.ddet --findings
  dde-profile report run.ddet --findings --findings-format sarif -o run.sarif --baseline known.json --fail-on warning`;

export function registerReport(program: Command, context: Context): void {
  const command = program
    .command('report')
    .description('print the tables of a recording')
    .argument('<file>', 'a trace file')
    .option('--by <table>', 'one table or several, separated by commas; a wrong name lists them')
    .option('--top <n>', 'rows in each table', rows)
    .option('--function <name>', 'for --by callers and --by arguments: the function')
    .option('--html <file>', 'write all of it as one HTML file: findings, flame graph, tables')
    .option('--subtract-overhead', "take the tracer's own cost out of total and own times", false)
    .option('--findings', 'what is wrong in the recording, in place of the tables', false);
  filterOptions(command).option('--match <name>', 'only rows with this name, or with a pattern with *');
  findingsOptions(command).option('-o, --output <file>', 'with --findings: write them to a file');
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: ReportCommandOptions) => {
      const { REPORT_NAMES, neededBy, renderHtml, renderReport } = await reports();
      const by = options.by?.split(',');
      for (const name of by ?? []) {
        if ((REPORT_NAMES as readonly string[]).includes(name)) continue;
        const hint = didYouMean(name, REPORT_NAMES) ?? '';
        throw new CliError(
          EXIT.usage,
          `no table ${JSON.stringify(name)}`,
          `${hint} Tables: ${REPORT_NAMES.join(', ')}`.trim(),
        );
      }
      const oneFunction = by?.find((name) => name === 'callers' || name === 'arguments');
      if (oneFunction !== undefined && options.function === undefined) {
        throw new CliError(
          EXIT.usage,
          `--by ${oneFunction} is about one function`,
          'Name it: --function dma_map_page_attrs',
        );
      }
      const progress = startProgress(process.stderr, true);
      const filter = filterOf(options);
      const forFindings = [
        options.findingsFormat,
        options.output,
        options.save,
        options.baseline,
        options.writeBaseline,
        options.failOn,
      ];
      if (options.findings !== true && forFindings.some((given) => given !== undefined)) {
        throw new CliError(
          EXIT.usage,
          '--findings-format, --output, --save, --baseline, --write-baseline and --fail-on are for --findings',
          'Add --findings.',
        );
      }
      if (options.findings === true && filter !== undefined) {
        throw new CliError(
          EXIT.usage,
          '--findings looks at the whole recording',
          'Leave out --from, --to, --thread and --min-duration.',
        );
      }
      if (options.subtractOverhead && options.minDuration !== undefined) {
        throw new CliError(
          EXIT.usage,
          '--subtract-overhead and --min-duration: the cost of recording the calls that are left out is not known',
          'Use one of them.',
        );
      }
      const profile = await loadTrace(file, false, progress, filter, {
        subtractOverhead: options.subtractOverhead,
        ...(options.html !== undefined || options.findings === true
          ? {}
          : { only: neededBy(by as ReportName[] | undefined) }),
        ...(options.function === undefined ? {} : { valuesOf: options.function }),
      });
      if (options.subtractOverhead && profile.meta.minDuration !== undefined) {
        throw new CliError(
          EXIT.usage,
          `${file}: --subtract-overhead: short calls were left out when recording, what recording them cost is not known`,
          'Record without --min-duration.',
        );
      }
      const { color, width } = outputStyle();
      if (options.html !== undefined) {
        const top = options.top === undefined ? {} : { top: options.top };
        const { writeWhole } = await exports_();
        writeWhole(
          options.html,
          interruptible(() => renderHtml(profile, top)),
        );
        process.stdout.write(`${options.html}\n`);
        return;
      }
      if (options.findings === true) {
        const { findings } = await analysis();
        const all = interruptible(() => findings(profile));
        context.exit(
          await tellFindings(all, options, { subject: profile.meta.driver ?? 'driver', color, failOn: 'never' }),
        );
        return;
      }
      const text = interruptible(() =>
        renderReport(profile, {
          color,
          json: options.json === true,
          ...(by === undefined ? {} : { by: by as ReportName[] }),
          ...(options.match === undefined ? {} : { match: pattern(options.match) }),
          ...(options.top === undefined ? {} : { top: options.top }),
          ...(options.function === undefined ? {} : { function: options.function }),
          ...(width === undefined ? {} : { width }),
        }),
      );
      process.stdout.write(text);
    });
}
