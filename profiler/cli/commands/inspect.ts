// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import { join } from 'node:path';
import { startInspector } from '../../../inspector/index.js';
import { type Build, readBuild } from '../../builds/index.js';
import { findRunning, runSession } from '../../run/index.js';
import { projectRoot } from '../../setup/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { startProgress } from '../output.js';
import { prepareSession } from '../prepare.js';
import { version } from '../version.js';

interface InspectOptions extends RunOptions {
  readonly port: string;
  readonly readOnly?: boolean;
  readonly pauseTimeout?: string;
  readonly open?: boolean;
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
  dde-profile inspect e1000e -- tcp --duration 600
  dde-profile inspect 4711                 a driver that is running; it runs on when the inspector ends
  dde-profile inspect 4711 --pause-timeout 60 --read-only
Then open chrome://inspect, or the printed link, or run: node inspect 127.0.0.1:9229`;

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new CliError(EXIT.usage, `--port ${text}: port must be 0 to 65535`);
  return port;
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds <= 0)
    throw new CliError(EXIT.usage, `--pause-timeout ${text}: must be a positive number of seconds`);
  return seconds;
}

async function inspectProcess(pid: number, build: Build, options: InspectOptions, context: Context): Promise<string> {
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
    port: portOf(options.port),
    pauseTimeout: secondsOf(options.pauseTimeout),
    version: version(),
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

export function registerInspect(program: Command, context: Context): void {
  const command = program
    .command('inspect')
    .description('debug a driver with Chrome DevTools, node inspect or any client of that protocol')
    .argument('<driver>', 'as for run, or the process ID of a running driver')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('--port <port>', 'listen there, on 127.0.0.1; 0: any free port', '9229')
    .option('--read-only', 'clients may look, but change nothing', false)
    .option('--open', 'open the page in Chromium or Chrome', false)
    .option('--pause-timeout <seconds>', 'resume a pause that lasts longer');
  runOptions(command)
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: InspectOptions) => {
      portOf(options.port);
      secondsOf(options.pauseTimeout);
      if (/^\d+$/.test(driver)) {
        const running = findRunning(Number(driver));
        const why = await inspectProcess(running.pid, readBuild(running.dir), options, context);
        process.stderr.write(`dde-profile: ${why}\n`);
        context.exit(EXIT.ok);
        return;
      }
      const progress = startProgress(process.stderr);
      const target = await buildTarget(driver, options, progress);
      const session = await prepareSession(target, options, words);
      progress.end();
      const end = await runSession({
        ...session,
        signal: context.signal,
        onStart: (process_) => void inspectProcess(process_.pid, target.build, options, context),
      });
      context.exit(end.exitCode as ExitCode);
    });
}
