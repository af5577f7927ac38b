// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { CHECKERS, chooseCheckers, driverFiles } from '../../debug/index.js';
import { runSession } from '../../run/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type CrashOptions, crashOption } from '../options/crash.js';
import { type FindingsOptions, findingsOptions, tellFindings } from '../options/findings.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { startProgress } from '../output.js';
import { analysis } from '../lazy.js';
import { prepareSession } from '../prepare.js';
import { outputStyle } from '../terminal.js';
import { share } from '../options/values.js';
import { requireTool } from '../require-tool.js';
import { Coverage } from '../views/coverage.js';
import { CrashReport } from '../views/crash.js';
import { liveView } from '../views/run.js';

interface CheckOptions extends RunOptions, CrashOptions, FindingsOptions {
  /** Default: all, with --coverage none. */
  readonly with?: string;
  readonly coverage?: string;
  readonly failUnder?: number;
}

const EXAMPLES = `
Checkers (--with, separated by commas, or all, or none):
${CHECKERS.map(({ name, text }) => `  ${name.padEnd(14)} ${text}`).join('\n')}

Each set of checkers is a build of the kernel's core of its own, which takes minutes the first time.

Examples:
  dde-profile check e1000e --with slub-debug -- ping
  dde-profile check ./my-module --coverage coverage --fail-under 60 -- ping + rebind
  dde-profile check ./my-module --with lockdep,dma-debug -- ping + rebind
  dde-profile check e1000e --with all --save sarif=e1000e.sarif --save junit=e1000e.xml --baseline known.json`;

/** Console lines of warnings and worse, and what belongs to them. */
const LOGLEVEL = 7;

/** What ended without any fault of the driver that can be told as a finding: the back end, Ctrl-C. */
function ownFault(code: number): ExitCode | undefined {
  const told: number[] = [EXIT.ok, EXIT.workloadFailed, EXIT.crashed, EXIT.watchdog, EXIT.leaked];
  return told.includes(code) ? undefined : (code as ExitCode);
}

function tellCoverage(coverage: Coverage | undefined, options: CheckOptions): ExitCode {
  if (coverage === undefined) return EXIT.ok;
  const text = options.output === undefined && options.json !== true && (options.findingsFormat ?? 'text') === 'text';
  if (options.json !== true) (text ? process.stdout : process.stderr).write(coverage.text());
  const little = coverage.tooLittle(options.failUnder);
  if (little === undefined) return EXIT.ok;
  process.stderr.write(`dde-profile: ${little}\n`);
  return EXIT.found;
}

async function check(driver: string, words: string[], options: CheckOptions, context: Context): Promise<ExitCode> {
  const { failUnder } = options;
  if (failUnder !== undefined && options.coverage === undefined)
    throw new CliError(EXIT.usage, '--fail-under: a share of --coverage', 'Name its folder: --coverage DIR');
  const checkers = chooseCheckers(options.with ?? (options.coverage === undefined ? 'all' : 'none'));
  const progress = startProgress(process.stderr);
  let coverage: Coverage | undefined;
  try {
    if (options.coverage !== undefined) await requireTool('genhtml', 'lcov');
    if (options.onCrash !== 'report') await requireTool('gdb', 'gdb');
    const config = [...(options.config ?? []), ...checkers.flatMap((one) => one.config)];
    const target = await buildTarget(
      driver,
      { ...options, config, counting: options.coverage !== undefined },
      progress,
    );
    const cmdline = [options.cmdline ?? '', ...checkers.flatMap((one) => one.cmdline)].filter((word) => word !== '');
    const wishes = { ...options, loglevel: options.loglevel ?? LOGLEVEL, cmdline: cmdline.join(' ') };
    const session = await prepareSession(target, wishes, words);
    const names = checkers.map((one) => one.name).join(', ');
    progress.step(`check ${target.build.manifest.driver}${names === '' ? '' : ` with ${names}`}`);
    const lines: string[] = [];
    const view = liveView(progress, options, target.build.executable);
    const { build } = target;
    if (options.coverage !== undefined) {
      if (build.manifest.coverage !== true)
        throw new CliError(EXIT.usage, `${driver}: a finished build that does not count`, 'Name the driver instead.');
      coverage = new Coverage(options.coverage, build);
    }
    const onLine = (line: string): void => void lines.push(line);
    const crash = new CrashReport({ build, options, progress, signal: context.signal, onLine });
    const end = await runSession({
      ...session,
      signal: context.signal,
      ...(coverage === undefined ? {} : { env: coverage.env }),
      onEvent: view.onEvent,
      onCrash: crash.onCrash,
      onConsole: (line) => {
        lines.push(line);
        crash.line(line);
        if (options.verbose === true) view.onConsole(line);
      },
    });
    progress.end();
    const fault = ownFault(end.exitCode);
    if (fault !== undefined) return fault;
    await coverage?.measure();
    const { findingsOfRun } = await analysis();
    const found = findingsOfRun(end, lines, { driverFiles: driverFiles(target.build.manifest) });
    const passed = [
      ...end.results.filter((result) => result.ok).map((result) => `workload ${result.workload}`),
      ...(found.length === 0 ? checkers.map((one) => `checker ${one.name}`) : []),
    ];
    const { color } = outputStyle();
    const subject = target.build.manifest.driver;
    const code = await tellFindings(found, options, {
      subject,
      passed,
      color,
      failOn: 'warning',
      verb: 'check',
      more: { ...crash.json(), ...coverage?.json() },
    });
    const covered = tellCoverage(coverage, options);
    return code === EXIT.ok ? covered : code;
  } finally {
    coverage?.end();
    progress.end();
  }
}

export function registerCheck(program: Command, context: Context): void {
  const command = program
    .command('check')
    .description("run a driver with the kernel's own checkers built in")
    .argument('<driver>', 'as for run')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('--with <checkers>', 'which checkers, separated by commas. Default: all; with --coverage: none')
    .option('--coverage <folder>', 'count which lines and branches of the driver run; the folder adds up the runs')
    .option(
      '--fail-under <percent>',
      `exit with ${EXIT.found} when less of the lines has run, in all runs of --coverage`,
      share,
    )
    .option('-o, --output <file>', 'write the findings to a file');
  findingsOptions(runOptions(crashOption(command)))
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: CheckOptions) => {
      context.exit(await check(driver, words, options, context));
    });
}
