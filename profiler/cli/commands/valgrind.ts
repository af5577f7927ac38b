// SPDX-License-Identifier: MIT
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { execa } from 'execa';
import { readSites } from '../../builds/index.js';
import {
  driverFiles,
  findingsOfValgrind,
  VALGRIND_TOOLS,
  type ValgrindTool,
  valgrindArgs,
  writesProfile,
} from '../../debug/index.js';
import type { Finding } from '../../model/index.js';
import { chooseCategories, chooseSites } from '../../record/index.js';
import { runSession, type SessionEnd, type SessionRequest } from '../../run/index.js';
import { installCommand } from '../../setup/index.js';
import { insist } from '../abort.js';
import { buildTarget, type Target } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type FindingsOptions, findingsOptions, tellFindings } from '../options/findings.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { recorder } from '../lazy.js';
import { prepareSession } from '../prepare.js';
import { tellCrash } from '../views/crash.js';
import { liveView, runJson, summary } from '../views/run.js';
import { symbolsOf } from '../symbols.js';
import { version } from '../version.js';

interface ValgrindOptions extends RunOptions, FindingsOptions {
  readonly tool: ValgrindTool;
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
async function tracedSession(target: Target, session: SessionRequest, file: string): Promise<SessionEnd> {
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

function profileText(tool: ValgrindTool, output: string): string {
  const open: Partial<Record<ValgrindTool, string>> = {
    callgrind: `dde-profile open ${output}`,
    cachegrind: `cg_annotate ${output}`,
    massif: `ms_print ${output}`,
  };
  return `profile: ${output}\nopen it: ${open[tool]}\n`;
}

function tell(end: SessionEnd, options: ValgrindOptions, output: string, { found, whole }: Result): void {
  const errors = { errors: found.reduce((sum, one) => sum + one.count, 0), contexts: found.length };
  const profile = writesProfile(options.tool);
  if (options.json === true) {
    const result = profile ? { output } : { [options.tool]: errors, findings: found };
    printJson('valgrind', { ...runJson(end), ...result });
    return;
  }
  process.stdout.write(summary(end));
  if (profile) process.stdout.write(profileText(options.tool, output));
  else if (whole) process.stdout.write(`${options.tool}: ${errors.errors} errors from ${errors.contexts} places\n`);
  else process.stdout.write(`${options.tool}: no result; it was ended before it had written one\n`);
}

interface Result {
  readonly found: readonly Finding[];
  /** Valgrind came to its end. */
  readonly whole: boolean;
}

/** Runs the session and reads what valgrind wrote besides the profile; its file is gone afterwards. */
async function run(
  target: Target,
  options: ValgrindOptions,
  output: string,
  session: SessionRequest,
): Promise<Result & { readonly end: SessionEnd }> {
  const scratch = mkdtempSync(join(tmpdir(), 'dde-valgrind-'));
  const xmlFile = join(scratch, 'errors.xml');
  const traced = options.trace !== undefined;
  const own = { tool: options.tool, output, xmlFile, traced, options: options.option ?? [] };
  const request: SessionRequest = {
    ...session,
    wrap: (executable, args) => ({ command: 'valgrind', args: valgrindArgs(own, executable, args) }),
  };
  try {
    const end =
      options.trace === undefined
        ? await runSession(request)
        : await tracedSession(target, request, resolve(options.trace));
    const xml = existsSync(xmlFile) ? readFileSync(xmlFile, 'utf8') : '';
    const whole = writesProfile(options.tool) || xml.includes('</valgrindoutput>');
    return { end, whole, found: findingsOfValgrind(xml, { driverFiles: driverFiles(target.build.manifest) }) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function underValgrind(
  driver: string,
  words: readonly string[],
  options: ValgrindOptions,
  context: Context,
): Promise<void> {
  const { exitCode } = await execa('valgrind', ['--version'], { reject: false });
  if (exitCode !== 0)
    throw new CliError(EXIT.missing, 'valgrind: not found', `Install it with: ${installCommand(['valgrind'])}`);
  const progress = startProgress(process.stderr);
  try {
    const target = await buildTarget(driver, options, progress);
    const session = await prepareSession(target, options, words);
    const profile = writesProfile(options.tool);
    if (profile && options.save !== undefined)
      throw new CliError(EXIT.usage, `--save is for tools that tell errors, not for ${options.tool}`);
    const { manifest, executable } = target.build;
    const output = resolve(options.output ?? `${options.tool}.out.${manifest.driver}`);
    progress.step(`start ${options.tool}`);
    const view = liveView(progress, options, executable);
    const result = await run(target, options, output, {
      ...session,
      // Everything is 20 to 50 times slower, and valgrind runs one thread at a time.
      watchdogSeconds: options.watchdog ?? 0,
      signal: context.signal,
      insist: insist.signal,
      orderlyMs: ORDERLY_MS,
      onCrash: tellCrash(target.build),
      onEvent: view.onEvent,
      onConsole: view.onConsole,
    });
    progress.end();
    const { end, found } = result;
    tell(end, options, output, result);
    const reported = profile
      ? EXIT.ok
      : await tellFindings(
          found,
          { ...options, quiet: found.length === 0 || options.json === true },
          { subject: manifest.driver, failOn: 'note', verb: 'valgrind' },
        );
    context.exit(end.exitCode === EXIT.ok ? reported : (end.exitCode as ExitCode));
  } finally {
    progress.end();
  }
}

export function registerValgrind(program: Command, context: Context): void {
  const command = program
    .command('valgrind')
    .description('run a driver under valgrind')
    .argument('<driver>', 'as for run')
    .argument('[workload...]', 'after --: what to do with the device')
    .addOption(new Option('--tool <name>', "valgrind's tool").choices([...VALGRIND_TOOLS]).default('callgrind'))
    .option('-o, --output <file>', 'the profile, or the errors. Default: TOOL.out.DRIVER, or the terminal')
    .option('--trace <file>', 'record a trace of the same run, too')
    .option(
      '--option <text>',
      'an option for valgrind; may be given again',
      (value: string, all: string[] | undefined) => [...(all ?? []), value],
    );
  findingsOptions(runOptions(command))
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: ValgrindOptions) => {
      await underValgrind(driver, words, options, context);
    });
}
