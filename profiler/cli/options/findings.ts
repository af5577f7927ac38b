// SPDX-License-Identifier: MIT
// Options of the verbs that tell findings: format, file, baseline, and when the exit code says so.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import type { Finding, Severity } from '../../model/index.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { printJson } from '../output.js';
import { analysis } from '../lazy.js';
import { version } from '../version.js';

const FORMATS = ['text', 'json', 'sarif', 'junit', 'ktap', 'github'] as const;
const LEVELS = ['error', 'warning', 'note', 'never'] as const;
const RANK: Readonly<Record<Severity, number>> = { error: 2, warning: 1, note: 0 };

interface Saved {
  readonly format: (typeof FORMATS)[number];
  readonly file: string;
}

export interface FindingsOptions {
  readonly findingsFormat?: (typeof FORMATS)[number];
  readonly output?: string;
  readonly save?: readonly Saved[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly failOn?: (typeof LEVELS)[number];
  readonly json?: boolean;
  /** Nothing to stdout, files only. */
  readonly quiet?: boolean;
}

function savedAs(value: string, all: readonly Saved[] | undefined): Saved[] {
  const at = value.indexOf('=');
  const format = FORMATS.find((one) => one === value.slice(0, at));
  if (format === undefined || at + 1 === value.length)
    throw new InvalidArgumentError(`expected FORMAT=FILE with a format of ${FORMATS.join(', ')}`);
  return [...(all ?? []), { format, file: value.slice(at + 1) }];
}

export function findingsOptions(command: Command): Command {
  return command
    .addOption(new Option('--findings-format <format>', 'how findings are printed').choices([...FORMATS]))
    .option(
      '--save <format=file>',
      'also write the findings to a file, such as sarif=x.sarif; may be given again',
      savedAs,
    )
    .option('--baseline <file>', 'leave out the findings that are known: those in this file')
    .option('--write-baseline <file>', 'write the findings of now as the known ones')
    .addOption(
      new Option('--fail-on <level>', `exit with ${EXIT.found} when a finding is at least this severe`).choices([
        ...LEVELS,
      ]),
    );
}

export interface Told {
  readonly subject: string;
  readonly passed?: readonly string[];
  readonly color?: boolean;
  /** Names the form of --json. */
  readonly verb: string;
  /** Beside the findings in --json. */
  readonly more?: object;
  /** --fail-on, when it is not given. */
  readonly failOn: (typeof LEVELS)[number];
}

/** Prints the findings as the options want them; the exit code that they mean. */
export async function tellFindings(all: readonly Finding[], options: FindingsOptions, told: Told): Promise<ExitCode> {
  const { readBaseline, renderCi, renderFindings, withoutKnown, writeBaseline } = await analysis();
  const known = options.baseline === undefined ? undefined : readBaseline(options.baseline);
  const list = known === undefined ? all : withoutKnown(all, known);
  if (options.writeBaseline !== undefined) writeBaseline(options.writeBaseline, all);
  const format = options.findingsFormat ?? (options.json === true ? 'json' : 'text');
  if (options.json === true && format !== 'json')
    throw new CliError(EXIT.usage, '--json and another --findings-format', 'Use one of them.');
  const render = (as: (typeof FORMATS)[number], color: boolean): string =>
    as === 'text' || as === 'json'
      ? renderFindings(list, { color, json: as === 'json' })
      : renderCi(as, list, {
          toolVersion: version(),
          subject: told.subject,
          ...(told.passed === undefined ? {} : { passed: told.passed }),
        });
  for (const { format: as, file } of options.save ?? []) writeFileSync(file, render(as, false));
  if (options.quiet === true) return levelOf(list, options, told);
  if (options.output === undefined && format === 'json') printJson(told.verb, { findings: list, ...told.more });
  else if (options.output === undefined) process.stdout.write(render(format, told.color === true));
  else writeFileSync(options.output, render(format, false));
  if (known !== undefined && format === 'text' && all.length > list.length)
    process.stderr.write(
      `${all.length - list.length} known finding${all.length - list.length === 1 ? '' : 's'} left out\n`,
    );
  return levelOf(list, options, told);
}

function levelOf(list: readonly Finding[], options: FindingsOptions, told: Told): ExitCode {
  const level = options.failOn ?? told.failOn;
  if (level === 'never') return EXIT.ok;
  return list.some((one) => RANK[one.severity] >= RANK[level]) ? EXIT.found : EXIT.ok;
}
