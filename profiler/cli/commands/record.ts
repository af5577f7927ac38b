// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RecordingRequest } from '../../record/recording.js';
import { readSites } from '../../builds/index.js';
import { chooseCategories, chooseSites } from '../../record/index.js';
import { buildTarget } from '../build.js';
import type { Context } from '../context.js';
import { type EventOptions, eventOptions, withEvents } from '../options/events.js';
import { EXIT, EXIT_TEXT, type ExitCode } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { type RunOptions, runOptions, WORKLOADS } from '../options/shared.js';
import { printJson, startProgress } from '../output.js';
import { flight, recorder } from '../parts.js';
import { prepareSession } from '../prepare.js';
import { depthArgument, leftOut, minDurationOption, notSwitched } from '../options/recording.js';
import { recordingFindings } from '../views/recording-findings.js';
import { recordingMarks } from '../views/recording-marks.js';
import { liveView, runJson, summary } from '../views/run.js';
import { argumentsOf, symbolsOf } from '../symbols.js';
import { version } from '../version.js';

interface RecordOptions extends RunOptions, EventOptions {
  readonly output?: string;
  readonly functions?: string[];
  readonly core?: string[];
  readonly api: boolean;
  readonly events?: string;
  readonly packets?: boolean;
  readonly args: boolean;
  readonly depth?: number;
  readonly minDuration?: number;
  readonly buffer?: number;
  readonly mode: 'drop' | 'overwrite';
  readonly findings: boolean;
}

const NOTHING = { produced: 0, recorded: 0, lost: 0, filtered: 0, bytes: 0, skippedSites: 0, error: undefined };

const EXAMPLES = `
Examples:
  dde-profile record e1000e -o run.ddet -- ping --count 100 + tcp --duration 5
  dde-profile record e1000e --functions 'e1000_*' --core 'napi_*' -- ping
  dde-profile record e1000e --functions 'e1000_*' --min-duration 10us -- tcp
  dde-profile record e1000e --events +kmem,-mmio -- ping
  dde-profile record e1000e --tracepoint 'tcp:*' --tracepoint napi:napi_poll -- tcp
  dde-profile record e1000e --mode overwrite --on 'e1000_watchdog_task' snapshot -- tcp
  dde-profile record ./my-driver --mode overwrite --buffer 4 -- idle --duration 0
  dde-profile report run.ddet; dde-profile open run.ddet`;

function mebibytes(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 1024)) throw new InvalidArgumentError('must be 1 to 1024 MiB');
  return number;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function registerRecord(program: Command, context: Context): void {
  const command = program
    .command('record')
    .description('run a driver with a workload and record what it does')
    .argument('<driver>', 'as for run')
    .argument('[workload...]', 'after --: what to do with the device')
    .option('-o, --output <file>', 'the trace file. Default: DRIVER.ddet')
    .option('--functions <glob>', "record the driver's own functions, too; may be given again", collect)
    .option('--core <glob>', 'record functions of the Linux core, too; may be given again', collect)
    .option('--no-api', 'do not record calls from the driver to the kernel')
    .option('--events <list>', 'categories of events: a,b for these only, +a,-b to change the default, all')
    .option('--packets', 'record the bytes of packets, too (for export --format pcapng); as --events +packet')
    .option('--no-args', 'of each call record the first argument only')
    .option('--depth <n>', 'do not record calls nested deeper than this', depthArgument)
    .option('--buffer <MiB>', 'ring size of each thread. Default: 16', mebibytes)
    .addOption(
      new Option(
        '--mode <mode>',
        'overwrite: a flight recorder. Keeps the newest events, and writes them at warnings and at the end',
      )
        .choices(['drop', 'overwrite'])
        .default('drop'),
    )
    .option('--no-findings', 'do not look for what is wrong at the end');
  runOptions(eventOptions(minDurationOption(command)))
    .addHelpText('after', WORKLOADS + EXAMPLES)
    .action(async (driver: string, words: string[], options: RecordOptions) => {
      const progress = startProgress(process.stderr);
      try {
        const target = await buildTarget(driver, options, progress);
        const session = await prepareSession(target, options, words);
        const categories = chooseCategories(options.events);
        if (options.packets === true && !categories.includes('packet')) categories.push('packet');
        const sites = readSites(target.build.dir);
        const request = { functions: options.functions ?? [], core: options.core ?? [], noApi: !options.api };
        const what = withEvents(target.build.dir, { sites, chosen: chooseSites(sites, request), categories }, options);
        const { chosen } = what;
        const file = resolve(options.output ?? `${target.build.manifest.driver}.ddet`);
        const { runRecording } = await recorder();
        progress.step(
          `record ${session.devices.map((device) => device.model).join(', ')}, ${chosen.length} call sites`,
        );
        const recording: RecordingRequest = {
          build: target.build,
          session: {
            ...session,
            signal: context.signal,
            ...liveView(progress, options),
          },
          file,
          ...what,
          symbols: await symbolsOf(target.build),
          ...(await argumentsOf(target.build, { sites, chosen }, options.args)),
          ...(options.depth === undefined ? {} : { depth: options.depth }),
          ...(options.minDuration === undefined ? {} : { minDuration: options.minDuration }),
          toolVersion: version(),
          onTotals: ({ recorded, lost }) => progress.detail(`${recorded} events, ${lost} lost`),
          ...(options.buffer === undefined ? {} : { ringBytes: options.buffer * 1024 * 1024 }),
        };
        const flown =
          options.mode === 'overwrite'
            ? await (await flight()).runFlightRecording({
                ...recording,
                onFailure: (fault) => progress.line(`no snapshot: ${failureOf(fault).message}; the driver goes on`),
              })
            : undefined;
        const snapshots = flown?.snapshots ?? [];
        const ended = flown ?? (await runRecording(recording));
        const end = ended.session;
        const failed = flown?.error === undefined ? undefined : failureOf(flown.error);
        const last = 'totals' in ended ? ended.totals : snapshots.at(-1)?.totals;
        const totals = { ...(last ?? NOTHING), ...(failed === undefined ? {} : { error: failed.message }) };
        progress.end();
        const stopped = 'stopped' in ended ? ended.stopped : undefined;
        const { produced, recorded, lost, filtered, bytes, error } = totals;
        const exitCode = (error === undefined ? end.exitCode : EXIT.hostIo) as ExitCode;
        const marks = 'asked' in ended && error === undefined ? await recordingMarks(file, ended.asked) : undefined;
        const wrong = options.findings && error === undefined ? await recordingFindings(file, recorded) : undefined;
        if (options.json === true) {
          printJson({
            ...runJson(end),
            exitCode,
            trace: {
              file,
              produced,
              recorded,
              lost,
              filtered,
              bytes,
              skippedSites: totals.skippedSites,
              error: error ?? null,
            },
            ...(stopped === undefined ? {} : { stopped }),
            ...(marks === undefined ? {} : { marks: marks.list }),
            ...(flown === undefined ? {} : { snapshots: snapshots.map(({ file, reason }) => ({ file, reason })) }),
            findings: wrong?.list ?? null,
          });
        } else {
          process.stdout.write(summary(end));
          for (const one of snapshots) process.stdout.write(`snapshot: ${one.file} (${one.reason})\n`);
          if (stopped !== undefined) process.stdout.write(`the recording ended at a call of ${stopped}\n`);
          process.stdout.write(marks?.text ?? '');
          const size = (bytes / 1e6).toFixed(1);
          process.stdout.write(
            `trace: ${recorded} events recorded, ${lost} lost${leftOut(totals, options)} (${produced} produced), ${size} MB\n${notSwitched(totals)}${file}\n`,
          );
          process.stdout.write(wrong?.text ?? '');
        }
        if (error !== undefined) process.stderr.write(`dde-profile: ${file}: ${error}\n`);
        else if (exitCode !== EXIT.ok) process.stderr.write(`dde-profile: ${EXIT_TEXT[exitCode] ?? 'failed'}\n`);
        context.exit(exitCode);
      } finally {
        progress.end();
      }
    });
}
