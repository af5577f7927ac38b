// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startInspector } from '../../../inspector/index.js';
import { type Build, readBuild, readRegisters } from '../../builds/index.js';
import { findRunning, runSession, type SessionRequest } from '../../run/index.js';
import { projectRoot } from '../../setup/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { isPid, processOf } from '../options/process.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { portOrAny, seconds } from '../options/values.js';
import { printJson, startProgress } from '../output.js';
import { prepareSession } from '../prepare.js';
import { version } from '../version.js';
import { tellCrash } from '../views/crash.js';
import { runJson, summary } from '../views/run.js';

interface InspectOptions extends RunOptions {
  readonly port: number;
  readonly readOnly?: boolean;
  /** Seconds. */
  readonly pauseTimeout?: number;
  readonly open?: boolean;
  readonly breakOn?: string;
}

/** Only Chromium's relatives can show DevTools' pages. */
async function openPage(page: string): Promise<void> {
  const { default: open, apps } = await import('open');
  await open(page, { app: [{ name: 'chromium' }, { name: apps.chrome }] }).catch((error: unknown) => {
    process.stderr.write(`dde-profile: no browser opened: ${error instanceof Error ? error.message : error}\n`);
  });
}

const EXAMPLES = `
Examples:
  dde-profile inspect e1000e -- tcp --duration 600s
  dde-profile inspect 4711                 a driver that is running; it runs on when the inspector ends
  dde-profile inspect 4711 --pause-timeout 60s --read-only
Then open chrome://inspect, or the printed link, or run: node inspect 127.0.0.1:9229`;

/** An out-of-tree module is where its user has it; a driver of the kernel is where its objects are. */
function driverFolders({ manifest }: Build): string[] {
  if (manifest.outOfTree !== undefined) return [manifest.outOfTree];
  const objects = manifest['driverObjects'];
  const paths = Array.isArray(objects) ? objects.map(String) : [];
  return [...new Set(paths.map((path) => dirname(join(manifest.sourceRoot, path))))];
}

/** @param beforeExec the process is a shell that waits to become the driver */
async function inspectProcess(
  pid: number,
  build: Build,
  options: InspectOptions,
  context: Context,
  beforeExec = false,
): Promise<string> {
  const inspector = await startInspector({
    pid,
    executable: build.executable,
    driverName: build.manifest.driver,
    sourceRoot: build.manifest.sourceRoot,
    buildRoot: build.manifest.buildRoot,
    buildId: build.manifest.buildId,
    toolRoot: projectRoot,
    unwinder: join(projectRoot, 'tracer/control/gdb_unwinder.py'),
    readOnly: options.readOnly === true,
    beforeExec,
    breakOnProbe: options.breakOn === 'probe',
    port: options.port,
    pauseTimeout: options.pauseTimeout,
    version: version(),
    driverFolders: driverFolders(build),
    registers: readRegisters(build.dir),
    cli: join(projectRoot, 'dist/profiler/cli/main.js'),
    onLog: (text) => process.stderr.write(`${text}\n`),
  });
  process.stderr.write(`Debugger listening on ${inspector.url}\n`);
  if (inspector.page !== undefined) process.stderr.write(`Open in Chromium: ${inspector.page}\n`);
  if (options.open === true && inspector.page !== undefined) await openPage(inspector.page);
  const interrupted = new Promise<string>((resolve) => {
    if (context.signal.aborted) resolve('interrupted');
    context.signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const why = await Promise.race([inspector.ended, interrupted]);
  await inspector.close();
  return why;
}

/** Stops itself before it becomes the driver: the debugger is there from the first instruction on. */
const WAITING = 'kill -STOP $$; exec "$0" "$@"';

async function start(
  build: Build,
  session: SessionRequest,
  options: InspectOptions,
  context: Context,
): Promise<ExitCode> {
  const dir = mkdtempSync(join(tmpdir(), 'dde-inspect-'));
  try {
    let failed: unknown;
    const own = options.qmp === undefined ? ['-qmp', `unix:${join(dir, 'qmp')},server=on,wait=off`] : [];
    const end = await runSession({
      ...session,
      qemuArgs: [...session.qemuArgs, ...own],
      // A driver that is stepped through is not a stuck one.
      watchdogSeconds: session.watchdogSeconds ?? 0,
      signal: context.signal,
      onCrash: tellCrash(build),
      wrap: (executable, args) => ({ command: '/bin/sh', args: ['-c', WAITING, executable, ...args] }),
      onStart: (process_) => {
        inspectProcess(process_.pid, build, options, context, true).catch((error: unknown) => {
          failed = error;
          process_.signal('SIGKILL');
        });
      },
    });
    if (failed !== undefined) throw failed;
    if (options.json === true) printJson('inspect', runJson(end));
    else process.stdout.write(summary(end));
    return end.exitCode as ExitCode;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export function registerInspect(program: Command, context: Context): void {
  const command = program
    .command('inspect')
    .description('debug a driver with Chrome DevTools, node inspect or any client of that protocol')
    .argument('[driver]', 'as for run; or the PID of a running driver; left out: the only one that is running')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('--port <port>', 'listen there, on 127.0.0.1; 0: any free port', portOrAny, 9229)
    .option('--read-only', 'clients may look, but change nothing', false)
    .option('--open', 'open the page in Chromium or Chrome', false)
    .option('--break-on <what>', 'probe: pause the driver at the start of its probe function')
    .option('--pause-timeout <time>', 'resume a pause that lasts longer, such as 60s', seconds);
  runOptions(command)
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string | undefined, words: string[], options: InspectOptions) => {
      if (options.breakOn !== undefined && options.breakOn !== 'probe')
        throw new CliError(EXIT.usage, `--break-on ${options.breakOn}: must be probe`);
      if (driver === undefined || isPid(driver)) {
        if (options.breakOn !== undefined)
          throw new CliError(EXIT.usage, '--break-on probe needs a driver that is started, not one that is running');
        const running = findRunning(processOf(driver));
        const why = await inspectProcess(running.pid, readBuild(running.dir), options, context);
        process.stderr.write(`dde-profile: ${why}\n`);
        context.exit(EXIT.ok);
        return;
      }
      const progress = startProgress(process.stderr);
      const target = await buildTarget(driver, options, progress);
      const session = await prepareSession(target, options, words);
      progress.end();
      context.exit(await start(target.build, session, options, context));
    });
}
