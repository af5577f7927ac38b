// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { execa } from 'execa';
import { type Build, readBuild } from '../../builds/index.js';
import {
  buildOfCore,
  type GdbRequest,
  gdbAttachArgs,
  gdbCoreArgs,
  gdbInit,
  gdbRunArgs,
  mayAttach,
} from '../../debug/index.js';
import { findRunning, runSession, type SessionEnd } from '../../run/index.js';
import { projectRoot } from '../../setup/index.js';
import { endingChildren, handingOverTerminal } from '../abort.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { isPid, processOf } from '../options/process.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { append } from '../options/values.js';
import { startProgress } from '../output.js';
import { builder } from '../lazy.js';
import { prepareSession } from '../prepare.js';
import { requireTool } from '../require-tool.js';
import { tellCrash } from '../views/crash.js';

interface GdbOptions extends RunOptions {
  readonly pid?: string | true;
  readonly batch?: boolean;
  readonly ex?: string[];
  readonly core?: string;
  readonly command?: string[];
  readonly breakOn?: string[];
  readonly deviceRuns?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile gdb e1000e -- ping --count 5
  dde-profile gdb e1000e --batch --ex 'break e1000e_poll' --ex run --ex bt -- ping
  dde-profile gdb                          attach to the driver that is running; it runs on when gdb ends
  dde-profile gdb 4711 --batch --ex dde-napi --ex 'thread apply all bt'
  dde-profile gdb e1000e --break-on probe -- ping
  dde-profile gdb --core core.4711

In gdb: \`apropos dde-\` and \`apropos lx-\` list the commands for the driver and for the kernel; \`bt\` shows the kernel's frames only
(\`bt -no-filters\`: all). While gdb holds the driver, its device and its clock stand still.`;

async function requestOf({ dir, executable, manifest }: Build, options: GdbOptions): Promise<GdbRequest> {
  for (const file of options.command ?? [])
    if (!existsSync(file)) throw new CliError(EXIT.usage, `--command ${file}: no such file`);
  const { ensureGdbConstants } = await builder();
  if (manifest.buildRoot !== undefined && !(await ensureGdbConstants(dir, manifest.buildRoot)))
    process.stderr.write(`note: no lx- commands: ${manifest.buildRoot} has been removed; build the driver again\n`);
  return {
    executable,
    sourceRoot: manifest.sourceRoot,
    unwinder: join(projectRoot, 'tracer/control/gdb_unwinder.py'),
    init: gdbInit(projectRoot),
    batch: options.batch === true,
    deviceRuns: options.deviceRuns === true,
    breakOn: options.breakOn ?? [],
    commandFiles: options.command ?? [],
    commands: options.ex ?? [],
    ...(manifest.buildRoot === undefined ? {} : { buildRoot: manifest.buildRoot }),
  };
}

/** gdb has the terminal, Ctrl-C included. */
async function gdb(args: readonly string[], context: Context): Promise<ExitCode> {
  const end = await handingOverTerminal(() =>
    // SIGTERM: gdb lets the driver go, and ends.
    execa('gdb', args, { stdio: 'inherit', reject: false, cancelSignal: context.signal }),
  );
  return end.exitCode === 0 ? EXIT.ok : EXIT.found;
}

/** The process that is meant, `any` for the only one; undefined when a driver is to be started. */
function pidOf(driver: string | undefined, words: readonly string[], options: GdbOptions): string | 'any' | undefined {
  const given = driver !== undefined && isPid(driver) ? driver : undefined;
  if (driver !== undefined && given === undefined && options.pid === undefined) return undefined;
  if (driver !== undefined && given === undefined)
    throw new CliError(
      EXIT.usage,
      `--pid attaches to a running driver: ${driver} would not be started`,
      'Leave out one of them.',
    );
  if (words.length > 0)
    throw new CliError(EXIT.usage, 'a running driver has its workload already', 'Leave out what stands after --.');
  return given ?? (typeof options.pid === 'string' ? options.pid : 'any');
}

/** @throws CliError for options of a start, which an attach would ignore */
function refuseRunOptions(command: Command): void {
  const mine = ['pid', 'batch', 'ex', 'color', 'core', 'command', 'breakOn', 'deviceRuns'];
  const given = command.options.filter(
    (option) =>
      !mine.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given.length === 0) return;
  const names = given.map((option) => option.long).join(', ');
  throw new CliError(EXIT.usage, `${names}: only for a driver that gdb starts`, 'Leave them out to attach.');
}

async function attach(pid: number, options: GdbOptions, context: Context): Promise<ExitCode> {
  const running = findRunning(pid);
  const obstacle = mayAttach();
  if (obstacle !== undefined) throw new CliError(EXIT.hostIo, obstacle.reason, obstacle.advice);
  return gdb(gdbAttachArgs(await requestOf(readBuild(running.dir), options), running.pid), context);
}

async function openCore(file: string, options: GdbOptions, context: Context): Promise<ExitCode> {
  const core = resolve(file);
  return gdb(gdbCoreArgs(await requestOf(buildOfCore(core), options), core), context);
}

async function start(driver: string, options: GdbOptions, words: string[], context: Context): Promise<ExitCode> {
  const progress = startProgress(process.stderr);
  try {
    const target = await buildTarget(driver, options, progress);
    const session = await prepareSession(target, options, words);
    progress.end();
    const request = await requestOf(target.build, options);
    const run = (): Promise<SessionEnd> =>
      runSession({
        ...session,
        // A stopped driver is not a stuck one.
        watchdogSeconds: 0,
        interactive: true,
        onCrash: tellCrash(target.build),
        wrap: (_executable, args) => ({ command: 'gdb', args: gdbRunArgs(request, args) }),
        signal: context.signal,
      });
    // At its prompt Ctrl-C is gdb's; a script of commands is ended by it.
    const end = options.batch === true ? await endingChildren(run) : await handingOverTerminal(run);
    return end.exitCode as ExitCode;
  } finally {
    progress.end();
  }
}

export function registerGdb(program: Command, context: Context): void {
  const command = program
    .command('gdb')
    .description('run a driver under gdb, attach to a running one, or open a core file')
    .argument('[driver]', 'as for run; or the PID of a running driver; left out: the only one that is running')
    .argument('[workload...]', 'after --: what to do with the device')
    .addOption(new Option('--pid [pid]', 'attach to a running driver, as PID alone does'))
    .option('--batch', 'run the commands of --ex and end', false)
    .option('--ex <command>', 'a gdb command; may be given again', append)
    .option('--command <file>', 'a file of gdb commands; may be given again', append)
    .option('--core <file>', 'look at a core file')
    .option(
      '--break-on <what>',
      'stop at: probe, irq, napi (left with work), warn, finding or a function; may be given again',
      append,
    )
    .option('--device-runs', "let the device's time go on while the driver is stopped");
  runOptions(command)
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string | undefined, words: string[], options: GdbOptions) => {
      if (options.core !== undefined) {
        if (driver !== undefined || options.pid !== undefined)
          throw new CliError(EXIT.usage, 'a core file, or a driver or process: not both', 'Leave out one of them.');
        await requireTool('gdb', 'gdb');
        context.exit(await openCore(options.core, options, context));
        return;
      }
      const pid = pidOf(driver, words, options);
      if (pid === undefined) {
        await requireTool('gdb', 'gdb');
        context.exit(await start(driver as string, options, words, context));
        return;
      }
      refuseRunOptions(command);
      if (options.batch === true && options.ex === undefined && options.command === undefined)
        throw new CliError(EXIT.usage, '--batch runs the commands of --ex', "Give one: --ex 'info threads'");
      const running = processOf(pid === 'any' ? undefined : pid);
      await requireTool('gdb', 'gdb');
      context.exit(await attach(running, options, context));
    });
}
