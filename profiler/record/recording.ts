// SPDX-License-Identifier: MIT
// A session that is recorded: trace region, sites, drain thread, metadata around runSession.

import { closeSync } from 'node:fs';
import {
  type Control,
  createTraceRegion,
  type DrainTotals,
  openRegion,
  siteBitmap,
} from '../../tracer/recorder/addon.js';
import type { Trigger } from '../../tracer/recorder/triggers.js';
import type { Prototypes } from '../../tracer/symbols/index.js';
import type { Category } from './categories.js';
import { LaunchError } from '../builds/errors.js';
import { LateNames } from './late-names.js';
import type { Build, Site } from '../builds/manifest.js';
import { traceMetadata } from './trace-metadata.js';
import { TriggerWatch } from './trigger-watch.js';
import { runSession, type SessionEnd, type SessionRequest } from '../run/session.js';

export interface RecordingRequest {
  readonly build: Build;
  readonly session: SessionRequest;
  readonly file: string;
  readonly sites: readonly Site[];
  /** Numbers of the sites to switch on. */
  readonly chosen: readonly number[];
  readonly categories: readonly Category[];
  readonly ringBytes?: number;
  /** Nested traced calls deeper than this are not recorded. */
  readonly depth?: number;
  /** Nanoseconds: calls that took less are left out of the file. */
  readonly minDuration?: number;
  /** Numbers of the kernel's tracepoints; they need the category `tracepoint`. */
  readonly tracepoints?: readonly number[];
  readonly triggers?: readonly Trigger[];
  readonly toolVersion: string;
  readonly symbols: readonly object[];
  /** Left out: no names of arguments. */
  readonly prototypes?: Prototypes;
  /** By site number: arguments after the first to record. Left out: none. */
  readonly args?: Uint8Array;
  /** Called a few times a second while it records. */
  readonly onTotals?: (totals: DrainTotals) => void;
}

export interface RecordingEnd {
  readonly session: SessionEnd;
  readonly totals: DrainTotals;
  /** The function whose call ended the recording. */
  readonly stopped?: string;
  /** Calls that asked for a snapshot: here moments to look at. */
  readonly asked: number;
}

const WATCH_MS = 250;

export function sessionMetadata(request: RecordingRequest): object {
  const { session } = request;
  return {
    ...traceMetadata(request),
    device: session.devices.map((device) => device.model).join(', '),
    workload: session.workloads.join(' + '),
    cmdline: session.cmdline ?? '',
  };
}

/** What the driver process is asked for before it starts. */
export function controlOf(request: RecordingRequest): Control {
  const { categories, chosen, args, depth, tracepoints = [], triggers = [] } = request;
  return {
    categories,
    sites: siteBitmap(chosen),
    tracepoints: siteBitmap(tracepoints),
    triggers,
    args: args ?? new Uint8Array(0),
    ...(depth === undefined ? {} : { depthLimit: depth }),
  };
}

/** The region's descriptor is closed here as soon as the driver process has its own. */
export async function runRecording(request: RecordingRequest): Promise<RecordingEnd> {
  const fd = createTraceRegion(request.ringBytes === undefined ? {} : { ringBytes: request.ringBytes });
  const region = openRegion(fd);
  let open = true;
  const closeFd = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    region.setControl(controlOf(request));
    const drain = region.startDrain({
      file: request.file,
      metadata: sessionMetadata(request),
      ...(request.minDuration === undefined ? {} : { minDuration: request.minDuration }),
    });
    const names = new LateNames(region, request, (more) => drain.addMetadata(more));
    const full = new AbortController();
    const watch = new TriggerWatch(region, request.triggers ?? [], request.sites);
    let stopped: string | undefined;
    timer = setInterval(() => {
      const totals = drain.totals();
      stopped ??= watch.look().stopped;
      request.onTotals?.(totals);
      // A disk that is full ends the run: what the file holds stays readable.
      if (totals.error !== undefined) full.abort();
    }, WATCH_MS);
    try {
      const signals = request.session.signal === undefined ? [full.signal] : [full.signal, request.session.signal];
      const session = await runSession({
        ...request.session,
        traceFd: fd,
        signal: AbortSignal.any(signals),
        onStart: (process_) => {
          closeFd();
          request.session.onStart?.(process_);
        },
      });
      names.stop();
      drain.addMetadata({ results: session.results, exitCode: session.exitCode, events: session.events });
      stopped ??= watch.look().stopped;
      const asked = watch.asked();
      return { session, totals: await drain.stop(), asked, ...(stopped === undefined ? {} : { stopped }) };
    } catch (error) {
      names.stop();
      await drain.stop();
      throw error;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_DDE_TRACE_FILE') {
      throw new LaunchError('ERR_DDE_OUTPUT', error.message, { cause: error });
    }
    throw error;
  } finally {
    clearInterval(timer);
    closeFd();
    region.close();
  }
}
