// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { CHECKERS, chooseCheckers, driverFiles } from '../../debug/index.js';
import { runSession } from '../../run/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type FindingsOptions, findingsOptions, tellFindings } from '../options/findings.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { startProgress } from '../output.js';
import { analysis } from '../lazy.js';
import { prepareSession } from '../prepare.js';
import { outputStyle } from '../terminal.js';
import { liveView } from '../views/run.js';

interface CheckOptions extends RunOptions, FindingsOptions {
  readonly with: string;
}

const EXAMPLES = `
Checkers (--with, separated by commas, or all):
${CHECKERS.map(({ name, text }) => `  ${name.padEnd(14)} ${text}`).join('\n')}

Each set of checkers is a build of the kernel's core of its own, which takes minutes the first time.

Examples:
  dde-profile check e1000e --with slub-debug -- ping
  dde-profile check ./my-module --with lockdep,dma-debug -- ping + rebind
  dde-profile check e1000e --with all --save sarif=e1000e.sarif --save junit=e1000e.xml --baseline known.json`;

/** Console lines of warnings and worse, and what belongs to them. */
const LOGLEVEL = 7;

/** What ended without any fault of the driver that can be told as a finding: the back end, Ctrl-C. */
function ownFault(code: number): ExitCode | undefined {
  const told: number[] = [EXIT.ok, EXIT.workloadFailed, EXIT.crashed, EXIT.leaked];
  return told.includes(code) ? undefined : (code as ExitCode);
}

async function check(driver: string, words: string[], options: CheckOptions, context: Context): Promise<ExitCode> {
  const checkers = chooseCheckers(options.with);
  const progress = startProgress(process.stderr);
  try {
    const config = [...(options.config ?? []), ...checkers.flatMap((one) => one.config)];
    const target = await buildTarget(driver, { ...options, config }, progress);
    const cmdline = [options.cmdline ?? '', ...checkers.flatMap((one) => one.cmdline)].filter((word) => word !== '');
    const wishes = { ...options, loglevel: options.loglevel ?? LOGLEVEL, cmdline: cmdline.join(' ') };
    const session = await prepareSession(target, wishes, words);
    progress.step(`check ${target.build.manifest.driver} with ${checkers.map((one) => one.name).join(', ')}`);
    const lines: string[] = [];
    const view = liveView(progress, options, target.build.executable);
    const end = await runSession({
      ...session,
      signal: context.signal,
      onEvent: view.onEvent,
      onConsole: (line) => {
        lines.push(line);
        if (options.verbose === true) view.onConsole(line);
      },
    });
    progress.end();
    const fault = ownFault(end.exitCode);
    if (fault !== undefined) return fault;
    const { findingsOfRun } = await analysis();
    const found = findingsOfRun(end, lines, { driverFiles: driverFiles(target.build.manifest) });
    const passed = [
      ...end.results.filter((result) => result.ok).map((result) => `workload ${result.workload}`),
      ...(found.length === 0 ? checkers.map((one) => `checker ${one.name}`) : []),
    ];
    const { color } = outputStyle();
    const subject = target.build.manifest.driver;
    return tellFindings(found, options, { subject, passed, color, failOn: 'warning', verb: 'check' });
  } finally {
    progress.end();
  }
}

export function registerCheck(program: Command, context: Context): void {
  const command = program
    .command('check')
    .description("run a driver with the kernel's own checkers built in")
    .argument('<driver>', 'as for run')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('--with <checkers>', 'which checkers, separated by commas', 'all')
    .option('-o, --output <file>', 'write the findings to a file');
  findingsOptions(runOptions(command))
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: CheckOptions) => {
      context.exit(await check(driver, words, options, context));
    });
}
