// SPDX-License-Identifier: MIT
// The flight recorder: the rings keep the newest events, nobody reads them, and a file is written when something happens: at
// each warning of the kernel, and at the end of the driver process, whatever ended it.

import { closeSync } from 'node:fs';
import { createTraceRegion, type DrainTotals, openRegion, type Region } from '../../tracer/recorder/addon.js';
import { LaunchError } from '../builds/errors.js';
import { LateNames } from './late-names.js';
import { controlOf, type RecordingRequest, sessionMetadata } from './recording.js';
import { numbered } from './snapshot-name.js';
import { TriggerWatch } from './trigger-watch.js';
import { runSession, type SessionEnd } from '../run/session.js';

export interface Snapshot {
  readonly file: string;
  readonly reason: string;
  readonly totals: DrainTotals;
}

export interface FlightEnd {
  readonly session: SessionEnd;
  /** The last one is that of the end. */
  readonly snapshots: readonly Snapshot[];
  /** The function whose call ended the recording. */
  readonly stopped?: string;
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

function write(region: Region, file: string, metadata: object, minDuration = 0): DrainTotals {
  try {
    return region.snapshot({ file, metadata, minDuration });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_DDE_TRACE_FILE')
      throw new LaunchError('ERR_DDE_OUTPUT', error.message, { cause: error });
    throw error;
  }
}

export async function runFlightRecording(
  request: RecordingRequest & { readonly onSnapshot?: (snapshot: Snapshot) => void },
): Promise<FlightEnd> {
  const { ringBytes, file } = request;
  const fd = createTraceRegion({ mode: 'overwrite', ...(ringBytes === undefined ? {} : { ringBytes }) });
  const region = openRegion(fd);
  const snapshots: Snapshot[] = [];
  let metadata = sessionMetadata(request);
  const names = new LateNames(region, request, (more) => {
    metadata = { ...metadata, ...more };
  });
  const take = (to: string, reason: string, more: object): void => {
    const totals = write(region, to, { ...metadata, ...more, snapshot: { reason } }, request.minDuration);
    const snapshot = { file: to, reason, totals };
    snapshots.push(snapshot);
    request.onSnapshot?.(snapshot);
  };
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  const closeFd = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  try {
    region.setControl(controlOf(request));
    const watch = new TriggerWatch(region, request.triggers ?? [], request.sites);
    let stopped: string | undefined;
    const look = (): void => {
      const news = watch.look();
      stopped ??= news.stopped;
      for (const name of news.snapshots)
        if (snapshots.length < MAX_SNAPSHOTS)
          take(numbered(file, snapshots.length + 1, 'trigger'), `call of ${name}`, {});
    };
    if (request.triggers !== undefined && request.triggers.length > 0) timer = setInterval(look, WATCH_MS);
    const session = await runSession({
      ...request.session,
      traceFd: fd,
      onStart: (process_) => {
        closeFd();
        request.session.onStart?.(process_);
      },
      onConsole: (line) => {
        const warning = warningOf(line);
        if (warning !== undefined && snapshots.length < MAX_SNAPSHOTS)
          take(numbered(file, snapshots.length + 1), warning, {});
        request.session.onConsole?.(line);
      },
    });
    const { results, exitCode, events } = session;
    look();
    names.stop();
    take(file, stopped === undefined ? reasonOf(session) : `call of ${stopped}`, { results, exitCode, events });
    return { session, snapshots, ...(stopped === undefined ? {} : { stopped }) };
  } finally {
    clearInterval(timer);
    names.stop();
    closeFd();
    region.close();
  }
}
