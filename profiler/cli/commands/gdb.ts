// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
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
import { installCommand, projectRoot } from '../../setup/index.js';
import { endingChildren, handingOverTerminal } from '../abort.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { startProgress } from '../output.js';
import { builder } from '../parts.js';
import { prepareSession } from '../prepare.js';

interface GdbOptions extends RunOptions {
  readonly pid?: string | true;
  readonly core?: string;
  readonly batch?: boolean;
  readonly ex?: string[];
  readonly command?: string[];
  readonly breakOn?: string[];
  readonly deviceRuns?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile gdb e1000e --break-on probe -- ping --count 5
  dde-profile gdb 4711                     attach to a running driver (dde-profile ps); it runs on when gdb ends
  dde-profile gdb 4711 --batch --ex dde-napi --ex dde-irqs
  dde-profile gdb --core core.4711

In gdb: \`help dde\` and \`help lx\` list the commands for the driver and for the kernel; \`bt\` shows the kernel's frames only
(\`bt -no-filters\`: all). While gdb holds the driver, its device and its clock stand still.`;

async function requireTool(tool: string, name: string): Promise<void> {
  const found = await execa(tool, ['--version'], { reject: false });
  if (found.exitCode !== 0) throw new CliError(EXIT.missing, `${tool}: not found`, installCommand([name]));
}

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

/** gdb has the terminal, Ctrl-C included; its exit code is ours. */
async function gdb(args: readonly string[], context: Context): Promise<ExitCode> {
  const end = await handingOverTerminal(() =>
    // SIGTERM: gdb lets the driver go, and ends.
    execa('gdb', args, { stdio: 'inherit', reject: false, cancelSignal: context.signal }),
  );
  return end.exitCode === 0 ? EXIT.ok : EXIT.found;
}

async function attach(pid: number | undefined, options: GdbOptions, context: Context): Promise<ExitCode> {
  const running = findRunning(pid);
  const obstacle = mayAttach();
  if (obstacle !== undefined) throw new CliError(EXIT.hostIo, obstacle.reason, obstacle.advice);
  return gdb(gdbAttachArgs(await requestOf(readBuild(running.dir), options), running.pid), context);
}

async function start(driver: string, options: GdbOptions, words: string[], context: Context): Promise<ExitCode> {
  const progress = startProgress(process.stderr);
  try {
    const target = await buildTarget(driver, options, progress);
    const session = await prepareSession(target, options, words);
    const request = await requestOf(target.build, options);
    progress.end();
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

function pidOf(text: string): number {
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) throw new CliError(EXIT.usage, `"${text}" is not a process ID`);
  return pid;
}

async function gdbVerb(
  driver: string | undefined,
  words: string[],
  options: GdbOptions,
  context: Context,
): Promise<ExitCode> {
  if (options.core !== undefined) {
    const core = resolve(options.core);
    return gdb(gdbCoreArgs(await requestOf(buildOfCore(core), options), core), context);
  }
  if (options.pid !== undefined) return attach(options.pid === true ? undefined : pidOf(options.pid), options, context);
  if (driver === undefined) throw new CliError(EXIT.usage, 'gdb: name a driver, a process ID, or --core FILE');
  return /^\d+$/.test(driver) ? attach(pidOf(driver), options, context) : start(driver, options, words, context);
}

const again = (value: string, all: string[] | undefined): string[] => [...(all ?? []), value];

export function registerGdb(program: Command, context: Context): void {
  const command = program
    .command('gdb')
    .description('run a driver under gdb, attach to a running one, or open a core file')
    .argument('[driver|pid]', 'a driver as for run, or the process ID of a running one')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('--pid [pid]', 'attach to a running driver; without a number to the only one')
    .option('--core <file>', 'look at a core file')
    .option('--batch', 'run the given commands and end', false)
    .option('--ex <command>', 'a gdb command; may be given again', again)
    .option('--command <file>', 'a file of gdb commands; may be given again', again)
    .option(
      '--break-on <what>',
      'stop at: probe, irq, napi (left with work), warn, finding or a function; may be given again',
      again,
    )
    .option('--device-runs', "let the device's time go on while the driver is stopped", false);
  runOptions(command)
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string | undefined, words: string[], options: GdbOptions) => {
      await requireTool('gdb', 'gdb');
      context.exit(await gdbVerb(driver, words, options, context));
    });
}
