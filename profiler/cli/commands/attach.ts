// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Attachment, AttachRequest } from '../../record/attach.js';
import type { RecorderWatch, RunningTarget } from '../../record/attaching.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { type EventOptions, eventOptions, withEvents } from '../options/events.js';
import { listOption } from '../options/list.js';
import { categoryList } from '../options/lists.js';
import { processArgument, processOf } from '../options/process.js';
import {
  leftOut,
  minDurationOption,
  type RecordingOptions,
  recordingOptions,
  refuseChoice,
  refuseIgnored,
  whatToRecord,
} from '../options/recording.js';
import { jsonOption } from '../options/shared.js';
import { seconds } from '../options/values.js';
import { type Progress, printJson, startProgress } from '../output.js';
import { analysis, attaching, loader } from '../lazy.js';
import { argumentsOf, symbolsOf } from '../symbols.js';
import { version } from '../version.js';
import { traceJson, traceLine } from '../views/recording.js';
import { recordingFindings } from '../views/recording-findings.js';
import { recordingMarks } from '../views/recording-marks.js';

interface AttachOptions extends RecordingOptions, EventOptions {
  readonly output?: string;
  readonly args: boolean;
  readonly duration?: number;
  readonly json?: boolean;
  readonly findings: boolean;
}

const LOOK_MS = 250;
/** The rings must not be overwritten meanwhile. */
const FLIGHT_LOOK_MS = 10;

const EXAMPLES = `
Examples:
  dde-profile attach                             the only driver that is running
  dde-profile attach 4711 -o now.ddet --duration 5s
  dde-profile attach 4711 -o now.ddet            with record --mode overwrite: a snapshot, at once
  dde-profile attach 4711 --tracepoint 'tcp:*' --on 'e1000_reset_task=stop'
  dde-profile attach 4711 --functions 'e1000_*'       until Ctrl-C; the driver goes on

A process that is already being recorded is read along with: the file gets what the first recorder asked for, and ends with it.`;

interface Job {
  readonly request: AttachRequest;
  readonly options: AttachOptions;
  readonly progress: Progress;
  readonly context: Context;
  /** Whose recording is read along with. */
  readonly along: RecorderWatch | undefined;
}

const deadline = ({ duration }: AttachOptions): number =>
  performance.now() + (duration ?? Number.POSITIVE_INFINITY) * 1000;

/** Triggers in a process that runs a flight recorder: its snapshots, until Ctrl-C or the time is over. */
async function onFlight({ request, options, progress, context }: Job): Promise<void> {
  const { watchFlight } = await attaching();
  const { pid, build } = request.target;
  const taken: { file: string; reason: string; recorded: number; lost: number; filtered: number }[] = [];
  const over = deadline(options);
  const { driver } = build.manifest;
  progress.step(`wait for ${request.triggers?.length} functions of ${driver} (process ${pid}). Press Ctrl-C to stop.`);
  await watchFlight(request, await symbolsOf(build), {
    async goOn() {
      await delay(FLIGHT_LOOK_MS, undefined, { signal: context.signal }).catch(() => undefined);
      return !context.signal.aborted && performance.now() < over;
    },
    onSnapshot(file, reason, { recorded, lost, filtered }) {
      taken.push({ file, reason, recorded, lost, filtered });
      if (options.json !== true) process.stdout.write(`snapshot: ${file} (${reason}), ${recorded} events\n`);
    },
  });
  if (options.json === true) printJson('attach', { pid, driver, snapshots: taken });
}

/** What a flight recorder holds now. */
async function snapshot({ request, options }: Job): Promise<void> {
  const { snapshotNow } = await attaching();
  const { target, file } = request;
  const { driver } = target.build.manifest;
  const totals = snapshotNow(request, await symbolsOf(target.build));
  if (options.json === true) {
    printJson('attach', { pid: target.pid, driver, snapshot: true, trace: traceJson(file, totals) });
    return;
  }
  process.stdout.write(
    `${driver} (process ${target.pid}) has a flight recorder; what it holds now:\n` +
      `trace: ${totals.recorded} events, ${totals.lost} older ones overwritten${leftOut(totals, options)}\n${file}\n`,
  );
}

interface Why {
  /** The function whose call ended the recording. */
  readonly stopped: string | undefined;
  readonly recorderEnded: boolean;
}

/** Waits until something ends the recording. */
async function untilEnd(attachment: Attachment, { request, options, progress, context, along }: Job): Promise<Why> {
  const over = deadline(options);
  while (!context.signal.aborted && request.target.alive() && performance.now() < over) {
    const { recorded, lost, error } = attachment.totals();
    if (error !== undefined) break;
    const { stopped } = attachment.watch.look();
    if (stopped !== undefined) return { stopped, recorderEnded: false };
    if (along?.gone() === true) return { stopped: undefined, recorderEnded: true };
    progress.detail(`${recorded} events, ${lost} lost`);
    const left = Math.max(1, Math.min(LOOK_MS, over - performance.now()));
    await delay(left, undefined, { signal: context.signal }).catch(() => undefined);
  }
  return { stopped: undefined, recorderEnded: false };
}

async function recordRunning(job: Job): Promise<void> {
  const { request, options, progress, context, along } = job;
  const { target, file, chosen } = request;
  const { pid } = target;
  const { driver } = target.build.manifest;
  const { attach } = await attaching();
  // For its end, which is to come at once: loading them takes longer than the rest.
  if (options.findings) void Promise.all([loader(), analysis()]).catch(() => undefined);
  const attachment = await attach({ ...request, follow: along !== undefined });
  const how =
    along === undefined ? 'record' : `read along with process ${along.recorder.pid} (${along.recorder.command}):`;
  progress.step(`${how} ${driver} (process ${pid}), ${chosen.length} call sites. Press Ctrl-C to stop.`);
  if (!attachment.applied) progress.line(`process ${pid} is stopped: the recording begins when it goes on`);
  attachment.describe(await symbolsOf(target.build).catch(() => []));
  const { stopped, recorderEnded } = await untilEnd(attachment, job);
  const calls = attachment.watch.counts();
  const asked = attachment.watch.asked();
  const driverEnded = !target.alive();
  const totals = await attachment.end();
  progress.end();
  const { recorded, error } = totals;
  const marks = error === undefined ? await recordingMarks(file, asked) : undefined;
  const wrong = options.findings && error === undefined ? await recordingFindings(file, recorded) : undefined;
  const { attachMs } = attachment;
  if (options.json === true) {
    printJson('attach', {
      pid,
      driver,
      driverEnded,
      attachMs,
      ...(along === undefined ? {} : { follows: along.recorder, recorderEnded }),
      ...(stopped === undefined ? {} : { stopped }),
      ...(marks === undefined ? {} : { marks: marks.list }),
      ...(calls.length === 0 ? {} : { triggers: calls }),
      trace: traceJson(file, totals),
      findings: wrong?.list ?? null,
    });
  } else {
    const state = driverEnded ? 'has ended' : 'goes on';
    const lines = [
      `${driver} (process ${pid}) ${state}; attached in ${attachMs.toFixed(1)} ms\n`,
      traceLine(file, totals, options),
      recorderEnded ? `process ${along?.recorder.pid} has ended its recording, so this one has ended, too\n` : '',
      stopped === undefined ? '' : `the recording ended at a call of ${stopped}\n`,
      marks?.text ?? '',
      wrong?.text ?? '',
    ];
    process.stdout.write(lines.join(''));
  }
  if (error !== undefined) process.stderr.write(`dde-profile: ${file}: ${error}\n`);
  context.exit(error === undefined ? EXIT.ok : EXIT.hostIo);
}

async function prepare(
  command: Command,
  target: RunningTarget,
  options: AttachOptions,
): Promise<Pick<Job, 'request' | 'along'>> {
  const { followed, RecorderWatch, recorderOf, sitesOf } = await attaching();
  const { pid, build } = target;
  const flight = target.region.info().mode === 'overwrite';
  const recorder = flight ? undefined : recorderOf(target.region);
  if (recorder !== undefined) refuseChoice(command, pid, recorder);
  if (flight) refuseIgnored(command, pid, (options.on ?? []).length > 0);
  const along = recorder === undefined ? undefined : new RecorderWatch(target, recorder);
  const wanted = withEvents(build.dir, whatToRecord(build.dir, options), options);
  const chosen = along === undefined ? wanted : { ...wanted, ...followed(target, wanted.sites) };
  // A flight recorder records what it was told to: that needs names, too.
  const named = flight ? [...chosen.chosen, ...sitesOf(target.region.asked().sites, chosen.sites)] : chosen.chosen;
  const what = { ...chosen, ...(await argumentsOf(build, { ...chosen, chosen: named }, options.args)) };
  const file = resolve(options.output ?? `${build.manifest.driver}-${pid}.ddet`);
  return { request: { target, file, ...what, toolVersion: version() }, along };
}

export function registerAttach(program: Command, context: Context): void {
  const command = processArgument(program.command('attach'))
    .description('record a driver that is running, and leave it running')
    .option('-o, --output <file>', 'the trace file. Default: DRIVER-PID.ddet')
    .option('--no-args', 'of each call record the first argument only')
    .option('--duration <time>', 'how long, such as 5s. Default: until Ctrl-C, or until the driver ends', seconds)
    .option('--no-findings', 'do not look for faults at the end');
  listOption(command, 'event categories', () => ({ categories: categoryList() }));
  jsonOption(eventOptions(minDurationOption(recordingOptions(command))))
    .addHelpText('after', EXAMPLES)
    .action(async (pidText: string | undefined, options: AttachOptions) => {
      const pid = processOf(pidText);
      const progress = startProgress(process.stderr);
      const { openRunning } = await attaching();
      const target = openRunning(pid, { flight: true, recorded: true });
      try {
        const job: Job = { ...(await prepare(command, target, options)), options, progress, context };
        if (target.region.info().mode !== 'overwrite') await recordRunning(job);
        else if ((job.request.triggers ?? []).length > 0) await onFlight(job);
        else await snapshot(job);
      } finally {
        progress.end();
        target.region.close();
      }
    });
}
