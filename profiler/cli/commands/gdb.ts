// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Command } from 'commander';
import { execa } from 'execa';
import { type Build, readBuild } from '../../builds/index.js';
import { type GdbRequest, gdbAttachArgs, gdbRunArgs } from '../../debug/index.js';
import { findRunning, runSession, type SessionEnd } from '../../run/index.js';
import { installCommand, projectRoot } from '../../setup/index.js';
import { endingChildren, handingOverTerminal } from '../abort.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { startProgress } from '../output.js';
import { prepareSession } from '../prepare.js';

interface GdbOptions extends RunOptions {
  readonly pid?: string | true;
  readonly batch?: boolean;
  readonly ex?: string[];
}

const EXAMPLES = `
Examples:
  dde-profile gdb e1000e -- ping --count 5
  dde-profile gdb e1000e --batch --ex 'break e1000e_poll' --ex run --ex bt -- ping
  dde-profile gdb --pid                    attach to the driver that is running; it runs on when gdb ends`;

async function requireTool(tool: string, name: string): Promise<void> {
  const found = await execa(tool, ['--version'], { reject: false });
  if (found.exitCode !== 0) throw new CliError(EXIT.missing, `${tool}: not found`, installCommand([name]));
}

function requestOf({ executable, manifest }: Build, options: GdbOptions): GdbRequest {
  return {
    executable,
    sourceRoot: manifest.sourceRoot,
    unwinder: join(projectRoot, 'tracer/control/gdb_unwinder.py'),
    batch: options.batch === true,
    commands: options.ex ?? [],
    ...(manifest.buildRoot === undefined ? {} : { buildRoot: manifest.buildRoot }),
  };
}

async function attach(options: GdbOptions, context: Context): Promise<ExitCode> {
  const pid = options.pid === true ? undefined : Number(options.pid);
  if (pid !== undefined && !Number.isInteger(pid))
    throw new CliError(EXIT.usage, `--pid ${options.pid}: no process id`);
  const running = findRunning(pid);
  const args = gdbAttachArgs(requestOf(readBuild(running.dir), options), running.pid);
  const end = await handingOverTerminal(() =>
    // SIGTERM: gdb lets the driver go, and ends.
    execa('gdb', args, { stdio: 'inherit', reject: false, cancelSignal: context.signal }),
  );
  return end.exitCode === 0 ? EXIT.ok : EXIT.found;
}

async function start(driver: string, options: GdbOptions, words: string[], context: Context): Promise<ExitCode> {
  const progress = startProgress(process.stderr);
  try {
    const target = await buildTarget(driver, options, progress);
    const session = await prepareSession(target, options, words);
    progress.end();
    const request = requestOf(target.build, options);
    const run = (): Promise<SessionEnd> =>
      runSession({
        ...session,
        // A stopped driver is not a stuck one.
        watchdogSeconds: 0,
        interactive: true,
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
    .description('run a driver under gdb, or attach to a running one')
    .argument('[driver]', 'as for run; left out with --pid')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('--pid [pid]', 'attach to a running driver; without a number to the only one')
    .option('--batch', 'run the commands of --ex and end', false)
    .option('--ex <command>', 'a gdb command; may be given again', (value: string, all: string[] | undefined) => [
      ...(all ?? []),
      value,
    ]);
  runOptions(command)
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string | undefined, words: string[], options: GdbOptions) => {
      await requireTool('gdb', 'gdb');
      if (options.pid !== undefined) context.exit(await attach(options, context));
      else if (driver === undefined) throw new CliError(EXIT.usage, 'gdb: give a driver, or --pid');
      else context.exit(await start(driver, options, words, context));
    });
}
