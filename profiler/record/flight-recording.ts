// SPDX-License-Identifier: MIT
// The flight recorder: the rings keep the newest events, nobody reads them, and a file is written when something happens: at
// each warning of the kernel, and at the end of the driver process, whatever ended it.

import { createTraceRegion, type DrainTotals, openRegion } from '../../tracer/recorder/addon.js';
import { checkOutput, writeAside } from './aside.js';
import { LateNames } from './late-names.js';
import { closeOnce, controlOf, type RecordingRequest, sessionMetadata } from './recording.js';
import { numbered } from './snapshot-name.js';
import { TriggerWatch } from './trigger-watch.js';
import { FirstFault } from '../run/first-fault.js';
import { runSession, type SessionEnd } from '../run/session.js';

export interface Snapshot {
  readonly file: string;
  readonly reason: string;
  readonly totals: DrainTotals;
}

export interface FlightEnd {
  readonly session: SessionEnd;
  /** The last one is that of the end, if it could be written. */
  readonly snapshots: readonly Snapshot[];
  /** The function whose call ended the recording. */
  readonly stopped?: string;
  /** Why a snapshot could not be written, the first time. */
  readonly error?: unknown;
}

/** A driver that warns all the time, or a trigger that is hit all the time, would fill the disk. */
const MAX_SNAPSHOTS = 5;
/** How often triggers are looked at: the rings must not be overwritten meanwhile. */
const WATCH_MS = 10;

/** What the kernel's console says when it goes on after a WARN(). */
export function warningOf(line: string): string | undefined {
  const found = /\bWARNING: CPU: \d+ PID: \d+ at (.+?)(?: 0x[0-9a-f]+)?$/.exec(line);
  return found === null ? undefined : `WARNING at ${found[1]}`;
}

export { numbered };

function reasonOf({ exitCode, signal, interrupted, events }: SessionEnd): string {
  const crash = events.findLast((event) => event.type === 'crash');
  if (crash !== undefined) return `crash: ${crash.reason}`;
  if (signal !== undefined) return `signal ${signal}`;
  if (interrupted) return 'interrupted';
  return exitCode === 0 ? 'end' : `exit code ${exitCode}`;
}

export async function runFlightRecording(
  request: RecordingRequest & {
    readonly onSnapshot?: (snapshot: Snapshot) => void;
    /** A snapshot could not be written; the driver goes on, and so does its recorder. */
    readonly onFailure?: (error: unknown) => void;
  },
): Promise<FlightEnd> {
  const { ringBytes, file } = request;
  checkOutput(file);
  const fd = createTraceRegion({ mode: 'overwrite', ...(ringBytes === undefined ? {} : { ringBytes }) });
  const region = openRegion(fd);
  const snapshots: Snapshot[] = [];
  const fault = new FirstFault();
  let metadata = sessionMetadata(request);
  const names = new LateNames(region, request, (more) => {
    metadata = { ...metadata, ...more };
  });
  let error: unknown;
  const write = (to: string, whole: object): DrainTotals =>
    writeAside(to, (path) => region.snapshot({ file: path, metadata: whole, minDuration: request.minDuration ?? 0 }));
  const take = (to: string, reason: string, more: object): void => {
    const totals = write(to, { ...metadata, ...more, snapshot: { reason } });
    const snapshot = { file: to, reason, totals };
    snapshots.push(snapshot);
    request.onSnapshot?.(snapshot);
  };
  /** On the way: a disk that is full for the moment must not cost the run that is recorded. */
  const tryTo = (to: string, reason: string, more: object = {}): void => {
    try {
      take(to, reason, more);
    } catch (fault) {
      if (error === undefined) request.onFailure?.(fault);
      error ??= fault;
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const closeFd = closeOnce(fd);
  try {
    region.setControl(controlOf(request));
    const watch = new TriggerWatch(region, request.triggers ?? [], request.sites);
    let stopped: string | undefined;
    const look = (): void => {
      const news = watch.look();
      stopped ??= news.stopped;
      for (const name of news.snapshots)
        if (snapshots.length < MAX_SNAPSHOTS) tryTo(numbered(file, snapshots.length + 1, 'trigger'), `call of ${name}`);
    };
    if (request.triggers !== undefined && request.triggers.length > 0) timer = setInterval(fault.guard(look), WATCH_MS);
    const given = request.session.signal;
    const session = await runSession({
      ...request.session,
      traceFd: fd,
      signal: AbortSignal.any([fault.signal, ...(given === undefined ? [] : [given])]),
      onStart: (process_) => {
        closeFd();
        request.session.onStart?.(process_);
      },
      onConsole: (line) => {
        const warning = warningOf(line);
        if (warning !== undefined && snapshots.length < MAX_SNAPSHOTS)
          tryTo(numbered(file, snapshots.length + 1), warning);
        request.session.onConsole?.(line);
      },
    });
    fault.throwIfAny();
    const { results, exitCode, events } = session;
    const more = await request.atEnd?.(session);
    look();
    names.stop();
    tryTo(file, stopped === undefined ? reasonOf(session) : `call of ${stopped}`, {
      results,
      exitCode,
      events,
      ...more,
    });
    return {
      session,
      snapshots,
      ...(stopped === undefined ? {} : { stopped }),
      ...(error === undefined ? {} : { error }),
    };
  } finally {
    clearInterval(timer);
    names.stop();
    closeFd();
    region.close();
  }
}
