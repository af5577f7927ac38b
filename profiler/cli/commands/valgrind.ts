// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { execa } from 'execa';
import { readSites } from '../../builds/index.js';
import { parseErrorSummary, VALGRIND_TOOLS, type ValgrindTool, valgrindArgs } from '../../debug/index.js';
import { chooseCategories, chooseSites } from '../../record/index.js';
import { runSession, type SessionEnd, type SessionRequest } from '../../run/index.js';
import { installCommand } from '../../setup/index.js';
import { insist } from '../abort.js';
import { buildTarget, type Target } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { append } from '../options/values.js';
import { printJson, startProgress } from '../output.js';
import { recorder } from '../parts.js';
import { prepareSession } from '../prepare.js';
import { liveView, runJson, summary } from '../views/run.js';
import { symbolsOf } from '../symbols.js';
import { version } from '../version.js';

interface ValgrindOptions extends RunOptions {
  readonly tool: ValgrindTool;
  readonly output?: string;
  readonly trace?: string;
  readonly option?: string[];
}

/** How long Valgrind may take to write its result after Ctrl-C; a second one ends it at once. */
const ORDERLY_MS = 60_000;

const EXAMPLES = `
Examples:
  dde-profile valgrind e1000e --tool callgrind -o ping.callgrind -- ping --count 20
  dde-profile open ping.callgrind
  dde-profile valgrind e1000e --tool memcheck -- ping --count 20`;

/** A recording of the same run: valgrind's numbers and the trace's can be held against each other. */
async function traced(target: Target, session: SessionRequest, file: string): Promise<SessionEnd> {
  const { runRecording } = await recorder();
  const sites = readSites(target.build.dir);
  const end = await runRecording({
    build: target.build,
    session,
    file,
    sites,
    chosen: chooseSites(sites, { functions: [], core: [] }),
    categories: chooseCategories(undefined),
    symbols: await symbolsOf(target.build),
    toolVersion: version(),
  });
  return end.session;
}

function memcheckLine(found: { errors: number; contexts: number } | undefined): string {
  if (found === undefined) return 'memcheck: ended before its summary\n';
  const { errors, contexts } = found;
  return `memcheck: ${errors} ${errors === 1 ? 'error' : 'errors'} in ${contexts} ${contexts === 1 ? 'place' : 'places'}\n`;
}

export function registerValgrind(program: Command, context: Context): void {
  const command = program
    .command('valgrind')
    .description('run a driver under valgrind')
    .argument('<driver>', 'as for run')
    .argument('[workload...]', 'after --: what to do with the device')
    .addOption(new Option('--tool <name>', "valgrind's tool").choices([...VALGRIND_TOOLS]).default('callgrind'))
    .option('-o, --output <file>', "callgrind's profile. Default: callgrind.out.DRIVER")
    .option('--trace <file>', 'record a trace of the same run, too')
    .option('--option <text>', 'an option for valgrind; may be given again', append);
  runOptions(command)
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: ValgrindOptions) => {
      const found = await execa('valgrind', ['--version'], { reject: false });
      if (found.exitCode !== 0)
        throw new CliError(EXIT.missing, 'valgrind: not found', `Install it with: ${installCommand(['valgrind'])}`);
      if (options.tool !== 'callgrind' && options.output !== undefined)
        throw new CliError(EXIT.usage, `--output is for --tool callgrind: ${options.tool} writes no profile`);
      const progress = startProgress(process.stderr);
      try {
        const target = await buildTarget(driver, options, progress);
        const session = await prepareSession(target, options, words);
        const output = resolve(options.output ?? `callgrind.out.${target.build.manifest.driver}`);
        progress.step(`start ${options.tool}`);
        const view = liveView(progress, options, target.build.executable);
        let errors: { errors: number; contexts: number } | undefined;
        const request: SessionRequest = {
          ...session,
          // Everything is 20 to 50 times slower, and valgrind runs one thread at a time.
          watchdogSeconds: options.watchdog ?? 0,
          wrap: (executable, args) => ({
            command: 'valgrind',
            args: valgrindArgs(
              { tool: options.tool, output, traced: options.trace !== undefined, options: options.option ?? [] },
              executable,
              args,
            ),
          }),
          signal: context.signal,
          insist: insist.signal,
          orderlyMs: ORDERLY_MS,
          onEvent: view.onEvent,
          onConsole: (line) => {
            errors = parseErrorSummary(line) ?? errors;
            view.onConsole(line);
          },
        };
        const end =
          options.trace === undefined
            ? await runSession(request)
            : await traced(target, request, resolve(options.trace));
        progress.end();
        const callgrind = options.tool === 'callgrind';
        if (options.json === true) {
          printJson('valgrind', { ...runJson(end), ...(callgrind ? { output } : { memcheck: errors ?? null }) });
        } else {
          process.stdout.write(summary(end));
          if (callgrind) process.stdout.write(`profile: ${output}\nopen it: dde-profile open ${output}\n`);
          else process.stdout.write(memcheckLine(errors));
        }
        const reported = (errors?.errors ?? 0) > 0 && end.exitCode === EXIT.ok;
        context.exit(reported ? EXIT.found : (end.exitCode as ExitCode));
      } finally {
        progress.end();
      }
    });
}
