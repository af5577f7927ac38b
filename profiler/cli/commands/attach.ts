// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AttachRequest } from '../../record/attach.js';
import type { Context } from '../context.js';
import { type EventOptions, eventOptions, withEvents } from '../options/events.js';
import { EXIT } from '../exit-codes.js';
import { jsonOption } from '../options/shared.js';
import { type Progress, printJson, startProgress } from '../output.js';
import { attaching } from '../parts.js';
import { recordingFindings } from '../views/recording-findings.js';
import { recordingMarks } from '../views/recording-marks.js';
import {
  leftOut,
  minDurationOption,
  notSwitched,
  pidArgument,
  type RecordingOptions,
  recordingOptions,
  refuseChoice,
  secondsArgument,
  whatToRecord,
} from '../options/recording.js';
import { argumentsOf, symbolsOf } from '../symbols.js';
import { version } from '../version.js';

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
  dde-profile ps
  dde-profile attach 4711 -o now.ddet --duration 5
  dde-profile attach 4711 -o now.ddet            with record --mode overwrite: a snapshot, at once
  dde-profile attach 4711 --tracepoint 'tcp:*' --on 'e1000_reset_task' stop
  dde-profile attach 4711 --functions 'e1000_*'       until Ctrl-C; the driver goes on

A process that somebody records already is recorded twice: this one reads along, gets what the first asked for, and ends with it.`;

/** Triggers in a process that runs a flight recorder: its snapshots, until Ctrl-C or the time is over. */
async function onFlight(
  request: AttachRequest,
  watchFlight: typeof import('../../record/attach.js').watchFlight,
  progress: Progress,
  options: AttachOptions,
  context: Context,
): Promise<void> {
  const { pid, build } = request.target;
  const taken: { file: string; reason: string; recorded: number; lost: number; filtered: number }[] = [];
  const over = performance.now() + (options.duration ?? Number.POSITIVE_INFINITY) * 1000;
  progress.step(
    `wait for ${request.triggers?.length} functions of ${build.manifest.driver} (process ${pid}); Ctrl-C ends it`,
  );
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
  if (options.json === true) printJson({ pid, driver: build.manifest.driver, snapshots: taken });
}

export function registerAttach(program: Command, context: Context): void {
  const command = program
    .command('attach')
    .description('record a driver that is running, and leave it running')
    .argument('<pid>', 'the driver process, see `dde-profile ps`')
    .option('-o, --output <file>', 'the trace file. Default: DRIVER-PID.ddet')
    .option('--no-args', 'of each call record the first argument only')
    .option('--duration <seconds>', 'how long. Default: until Ctrl-C, or until the driver ends', secondsArgument)
    .option('--no-findings', 'do not look for what is wrong at the end');
  jsonOption(eventOptions(minDurationOption(recordingOptions(command))))
    .addHelpText('after', EXAMPLES)
    .action(async (pidText: string, options: AttachOptions) => {
      const progress = startProgress(process.stderr);
      const pid = pidArgument(pidText);
      const { attach, followed, openRunning, RecorderWatch, recorderOf, sitesOf, snapshotNow, watchFlight } =
        await attaching();
      const target = openRunning(pid, { flight: true, recorded: true });
      try {
        const { driver } = target.build.manifest;
        const flight = target.region.info().mode === 'overwrite';
        const recorder = flight ? undefined : recorderOf(target.region);
        if (recorder !== undefined) refuseChoice(command, pid, recorder);
        const along = recorder === undefined ? undefined : new RecorderWatch(target, recorder);
        const wanted = withEvents(target.build.dir, whatToRecord(target.build.dir, options), options);
        const chosen = along === undefined ? wanted : { ...wanted, ...followed(target, wanted.sites) };
        // A flight recorder records what it was told to: that needs names, too.
        const named = flight
          ? [...chosen.chosen, ...sitesOf(target.region.asked().sites, chosen.sites)]
          : chosen.chosen;
        const what = { ...chosen, ...(await argumentsOf(target.build, { ...chosen, chosen: named }, options.args)) };
        const file = resolve(options.output ?? `${driver}-${pid}.ddet`);
        if (flight) {
          const request = { target, file, ...what, toolVersion: version() };
          if (what.triggers.length > 0) {
            await onFlight(request, watchFlight, progress, options, context);
            return;
          }
          const totals = snapshotNow(request, await symbolsOf(target.build));
          const { produced, recorded, lost, filtered, bytes } = totals;
          const trace = { file, produced, recorded, lost, filtered, bytes, error: null };
          if (options.json === true) printJson({ pid, driver, snapshot: true, trace });
          else
            process.stdout.write(
              `${driver} (process ${pid}) has a flight recorder; what it holds now:\n` +
                `trace: ${recorded} events, ${lost} older ones overwritten${leftOut(totals, options)}\n${file}\n`,
            );
          return;
        }
        const attachment = await attach({ target, file, ...what, follow: along !== undefined, toolVersion: version() });
        const how =
          recorder === undefined ? 'record' : `read along with process ${recorder.pid} (${recorder.command}):`;
        progress.step(`${how} ${driver} (process ${pid}), ${what.chosen.length} call sites; Ctrl-C ends it`);
        if (!attachment.applied) progress.line(`process ${pid} is stopped: the recording begins when it goes on`);
        attachment.describe(await symbolsOf(target.build));
        const over = performance.now() + (options.duration ?? Number.POSITIVE_INFINITY) * 1000;
        let stopped: string | undefined;
        let recorderEnded = false;
        while (!context.signal.aborted && target.alive() && performance.now() < over) {
          const { recorded, lost, error } = attachment.totals();
          if (error !== undefined) break;
          stopped = attachment.watch.look().stopped;
          if (stopped !== undefined) break;
          recorderEnded = along?.gone() === true;
          if (recorderEnded) break;
          progress.detail(`${recorded} events, ${lost} lost`);
          const left = Math.max(1, Math.min(LOOK_MS, over - performance.now()));
          await delay(left, undefined, { signal: context.signal }).catch(() => undefined);
        }
        const calls = attachment.watch.counts();
        const asked = attachment.watch.asked();
        const driverEnded = !target.alive();
        const totals = await attachment.end();
        const { produced, recorded, lost, filtered, bytes, error } = totals;
        progress.end();
        const marks = error === undefined ? await recordingMarks(file, asked) : undefined;
        const wrong = options.findings && error === undefined ? await recordingFindings(file, recorded) : undefined;
        if (options.json === true) {
          printJson({
            pid,
            driver,
            driverEnded,
            attachMs: attachment.attachMs,
            ...(along === undefined ? {} : { follows: along.recorder, recorderEnded }),
            ...(stopped === undefined ? {} : { stopped }),
            ...(marks === undefined ? {} : { marks: marks.list }),
            ...(calls.length === 0 ? {} : { triggers: calls }),
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
            findings: wrong?.list ?? null,
          });
        } else {
          const size = (bytes / 1e6).toFixed(1);
          process.stdout.write(
            `${driver} (process ${pid}) ${driverEnded ? 'has ended' : 'goes on'}; attached in ${attachment.attachMs.toFixed(1)} ms\n` +
              `trace: ${recorded} events recorded, ${lost} lost${leftOut(totals, options)} (${produced} produced), ${size} MB\n${notSwitched(totals)}${file}\n`,
          );
          if (recorderEnded)
            process.stdout.write(
              `process ${along?.recorder.pid} has ended its recording, so this one has ended, too\n`,
            );
          if (stopped !== undefined) process.stdout.write(`the recording ended at a call of ${stopped}\n`);
          process.stdout.write(marks?.text ?? '');
          process.stdout.write(wrong?.text ?? '');
        }
        if (error !== undefined) process.stderr.write(`dde-profile: ${file}: ${error}\n`);
        context.exit(error === undefined ? EXIT.ok : EXIT.hostIo);
      } finally {
        progress.end();
        target.region.close();
      }
    });
}
