// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { readSites } from '../../builds/index.js';
import { chooseCategories, chooseSites } from '../../record/index.js';
import type { RecordingRequest } from '../../record/recording.js';
import type { SessionEnd } from '../../run/index.js';
import { buildTarget, type Target } from '../build.js';
import type { Context } from '../context.js';
import { EXIT, EXIT_TEXT, type ExitCode } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { type CrashOptions, crashOption } from '../options/crash.js';
import { type EventOptions, eventOptions, withEvents } from '../options/events.js';
import { listOption } from '../options/list.js';
import { categoryList, workloadList } from '../options/lists.js';
import { minDurationOption, type RecordingOptions, recordingOptions } from '../options/recording.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { mebibytes } from '../options/values.js';
import { type Progress, printJson, startProgress } from '../output.js';
import { flight, recorder } from '../lazy.js';
import { prepareSession } from '../prepare.js';
import { openTraceFile } from '../show.js';
import { argumentsOf, symbolsOf } from '../symbols.js';
import { version } from '../version.js';
import { NOTHING, type Totals, traceJson, traceLine } from '../views/recording.js';
import { recordingFindings } from '../views/recording-findings.js';
import { recordingMarks } from '../views/recording-marks.js';
import { requireTool } from '../require-tool.js';
import { CrashReport } from '../views/crash.js';
import { RunFindings } from '../views/run-findings.js';
import { liveView, runJson, summary } from '../views/run.js';

interface RecordOptions extends RunOptions, CrashOptions, EventOptions, RecordingOptions {
  readonly output?: string;
  readonly packets?: boolean;
  readonly args: boolean;
  readonly buffer?: number;
  readonly mode: 'drop' | 'overwrite';
  readonly findings: boolean;
  readonly open?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile record e1000e -o run.ddet -- ping --count 100 + tcp --duration 5s
  dde-profile record e1000e --functions 'e1000_*' --core 'napi_*' -- ping
  dde-profile record e1000e --functions 'e1000_*' --min-duration 10us -- tcp
  dde-profile record e1000e --events +kmem,-mmio --open -- ping
  dde-profile record e1000e --tracepoint 'tcp:*,napi:napi_poll' -- tcp
  dde-profile record e1000e --mode overwrite --on 'e1000_watchdog_task=snapshot' -- tcp
  dde-profile record ./my-driver --mode overwrite --buffer 4 -- idle --duration 0

What had the file's name before is kept as FILE.old.`;

/** Events that take more than a second to read. */
const WORTH_TELLING = 1_000_000;

interface Watchers {
  readonly told: RunFindings;
  readonly crash: CrashReport;
}

interface Ended {
  readonly session: SessionEnd;
  readonly totals: Totals;
  readonly asked: number;
  readonly stopped: string | undefined;
  readonly told: RunFindings;
  /** Of a flight recorder. */
  readonly snapshots: readonly { readonly file: string; readonly reason: string }[] | undefined;
}

async function requestOf(
  target: Target,
  options: RecordOptions,
  words: readonly string[],
  progress: Progress,
  context: Context,
  { told, crash }: Watchers,
): Promise<RecordingRequest> {
  const session = await prepareSession(target, options, words);
  const view = liveView(progress, options, target.build.executable);
  const categories = chooseCategories(options.events);
  if (options.packets === true && !categories.includes('packet')) categories.push('packet');
  const sites = readSites(target.build.dir);
  const wanted = { functions: options.functions ?? [], core: options.core ?? [], noApi: !options.api };
  const what = withEvents(target.build.dir, { sites, chosen: chooseSites(sites, wanted), categories }, options);
  const models = session.devices.map((device) => device.model).join(', ');
  progress.step(`record ${models}, ${what.chosen.length} call sites`);
  return {
    build: target.build,
    session: {
      ...session,
      signal: context.signal,
      ...view,
      onCrash: crash.onCrash,
      onConsole: (line) => {
        told.line(line);
        crash.line(line);
        view.onConsole(line);
      },
    },
    ...(options.findings ? { atEnd: (end: SessionEnd) => told.metadata(end) } : {}),
    file: resolve(options.output ?? `${target.build.manifest.driver}.ddet`),
    ...what,
    symbols: await symbolsOf(target.build),
    ...(await argumentsOf(target.build, what, options.args)),
    ...(options.depth === undefined ? {} : { depth: options.depth }),
    ...(options.minDuration === undefined ? {} : { minDuration: options.minDuration }),
    toolVersion: version(),
    onTotals: ({ recorded, lost }) => progress.detail(`${recorded} events, ${lost} lost`),
    ...(options.buffer === undefined ? {} : { ringBytes: Math.round(options.buffer * 1024 * 1024) }),
  };
}

async function record(request: RecordingRequest, told: RunFindings): Promise<Ended> {
  const { session, totals, asked, stopped } = await (await recorder()).runRecording(request);
  return { session, totals, asked, stopped, told, snapshots: undefined };
}

async function fly(request: RecordingRequest, told: RunFindings, progress: Progress): Promise<Ended> {
  const flown = await (await flight()).runFlightRecording({
    ...request,
    onFailure: (fault) => progress.line(`no snapshot: ${failureOf(fault).message}; the driver goes on`),
  });
  const { session, snapshots, stopped } = flown;
  const failed = flown.error === undefined ? {} : { error: failureOf(flown.error).message };
  return {
    session,
    totals: { ...(snapshots.at(-1)?.totals ?? NOTHING), ...failed },
    asked: 0,
    stopped,
    told,
    snapshots,
  };
}

/** Prints the result; returns the exit code. */
async function show(
  file: string,
  ended: Ended,
  options: RecordOptions,
  crash: CrashReport,
  endProgress: () => void,
): Promise<ExitCode> {
  const { session, totals, stopped, snapshots } = ended;
  const { error } = totals;
  const exitCode = (error === undefined ? session.exitCode : EXIT.hostIo) as ExitCode;
  // A run that failed before its first event has left the file of before as it was.
  const there = error === undefined && (totals.recorded > 0 || session.exitCode === 0);
  const marks = there ? await recordingMarks(file, ended.asked) : undefined;
  if (there) await crash.readTrace(file);
  const wrong = options.findings
    ? await recordingFindings(there ? file : undefined, totals.recorded, await ended.told.of(session))
    : undefined;
  endProgress();
  if (options.json === true) {
    printJson('record', {
      ...runJson(session),
      ...crash.json(),
      exitCode,
      trace: traceJson(file, totals),
      ...(stopped === undefined ? {} : { stopped }),
      ...(marks === undefined ? {} : { marks: marks.list }),
      ...(snapshots === undefined ? {} : { snapshots: snapshots.map(({ file, reason }) => ({ file, reason })) }),
      findings: wrong?.list ?? null,
    });
  } else {
    const lines = [
      summary(session),
      ...(snapshots ?? []).map((one) => `snapshot: ${one.file} (${one.reason})\n`),
      stopped === undefined ? '' : `the recording ended at a call of ${stopped}\n`,
      marks?.text ?? '',
      there ? traceLine(file, totals, options) : 'no recording: the driver ended before its first event\n',
      wrong?.text ?? '',
    ];
    process.stdout.write(lines.join(''));
  }
  if (error !== undefined) process.stderr.write(`dde-profile: ${file}: ${error}\n`);
  else if (exitCode !== EXIT.ok) process.stderr.write(`dde-profile: ${EXIT_TEXT[exitCode] ?? 'failed'}\n`);
  return exitCode;
}

export function registerRecord(program: Command, context: Context): void {
  const command = program
    .command('record')
    .description('run a driver with a workload and record what it does')
    .argument('<driver>', 'as for run')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('-o, --output <file>', 'the trace file. Default: DRIVER.ddet')
    .addOption(new Option('--open', 'show the recording in the browser afterwards').conflicts('json'))
    .option('--packets', 'also record the bytes of packets (for export --format pcapng); as --events +packet')
    .option('--no-args', 'of each call record the first argument only')
    .option('--buffer <MiB>', 'ring size of each thread. Default: 16', mebibytes)
    .addOption(
      new Option(
        '--mode <mode>',
        'overwrite: a flight recorder, which keeps the newest events and writes them at warnings and at the end',
      )
        .choices(['drop', 'overwrite'])
        .default('drop'),
    )
    .option('--no-findings', 'do not look for faults at the end');
  listOption(command, 'event categories and workloads', () => ({
    categories: categoryList(),
    workloads: workloadList(),
  }));
  runOptions(crashOption(eventOptions(minDurationOption(recordingOptions(command)))))
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: RecordOptions) => {
      const progress = startProgress(process.stderr);
      try {
        if (options.onCrash !== 'report') await requireTool('gdb', 'gdb');
        const target = await buildTarget(driver, options, progress);
        const told = new RunFindings(target.build.manifest);
        const { build } = target;
        const crash = new CrashReport({ build, options, progress, signal: context.signal, onLine: told.line });
        const request = await requestOf(target, options, words, progress, context, { told, crash });
        const ended = options.mode === 'overwrite' ? await fly(request, told, progress) : await record(request, told);
        if (options.findings && ended.totals.recorded > WORTH_TELLING)
          progress.step('look for faults in the recording');
        const code = await show(request.file, ended, options, crash, () => progress.end());
        context.exit(code);
        if (options.open === true && !context.signal.aborted)
          await openTraceFile(request.file, { browser: true }, context);
      } finally {
        progress.end();
      }
    });
}
