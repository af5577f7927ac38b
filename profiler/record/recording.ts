// SPDX-License-Identifier: MIT
// A session that is recorded: trace region, sites, drain thread, metadata around runSession.

import { closeSync } from 'node:fs';
import {
  type Control,
  createTraceRegion,
  type Drain,
  type DrainTotals,
  openRegion,
  type Region,
  siteBitmap,
} from '../../tracer/recorder/addon.js';
import type { Trigger } from '../../tracer/recorder/triggers.js';
import type { Prototypes } from '../../tracer/symbols/index.js';
import { AsideFile } from './aside.js';
import type { Category } from './categories.js';
import { LateNames } from './late-names.js';
import type { Build, Site } from '../builds/manifest.js';
import { traceMetadata } from './trace-metadata.js';
import { TriggerWatch } from './trigger-watch.js';
import { FirstFault } from '../run/first-fault.js';
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
  /** More for the file's metadata, when the run is over. */
  readonly atEnd?: (session: SessionEnd) => Promise<object>;
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

/** Until the first events are in, the file is looked at this often: then it takes its name. */
const FIRST_MS = 20;

/** Says when events are there for the first time, at the latest at the end of a run that made any. */
function firstEvents(totals: () => DrainTotals, commit: () => void): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (totals().recorded === 0) return;
    clearInterval(timer);
    commit();
  }, FIRST_MS);
  return timer;
}

/** Closes the descriptor of a region, however often it is called: once the driver process has its own, and at the end at the latest. */
export function closeOnce(fd: number): () => void {
  let open = true;
  return () => {
    if (open) closeSync(fd);
    open = false;
  };
}

/** The region's descriptor is closed here as soon as the driver process has its own. */
export async function runRecording(request: RecordingRequest): Promise<RecordingEnd> {
  const aside = new AsideFile(request.file);
  const fd = createTraceRegion(request.ringBytes === undefined ? {} : { ringBytes: request.ringBytes });
  const region = openRegion(fd);
  const closeFd = closeOnce(fd);
  try {
    region.setControl(controlOf(request));
    const drain = region.startDrain({
      file: aside.path,
      metadata: sessionMetadata(request),
      ...(request.minDuration === undefined ? {} : { minDuration: request.minDuration }),
    });
    return await recordSession(request, { region, drain, aside, fd, closeFd });
  } catch (error) {
    throw aside.failure(error);
  } finally {
    aside.discard();
    closeFd();
    region.close();
  }
}

interface Opened {
  readonly region: Region;
  readonly drain: Drain;
  readonly aside: AsideFile;
  readonly fd: number;
  readonly closeFd: () => void;
}

async function recordSession(request: RecordingRequest, opened: Opened): Promise<RecordingEnd> {
  const { region, drain, aside, fd, closeFd } = opened;
  const fault = new FirstFault();
  const named = (totals: DrainTotals): DrainTotals =>
    totals.error === undefined ? totals : { ...totals, error: aside.named(totals.error) };
  const names = new LateNames(region, request, (more) => drain.addMetadata(more));
  const full = new AbortController();
  const watch = new TriggerWatch(region, request.triggers ?? [], request.sites);
  let stopped: string | undefined;
  const look = fault.guard(() => {
    const totals = named(drain.totals());
    stopped ??= watch.look().stopped;
    request.onTotals?.(totals);
    // A disk that is full ends the run: what the file holds stays readable.
    if (totals.error !== undefined) full.abort();
  });
  const timers = [
    setInterval(look, WATCH_MS),
    firstEvents(
      () => drain.totals(),
      fault.guard(() => aside.commit()),
    ),
  ];
  const given = request.session.signal;
  try {
    const session = await runSession({
      ...request.session,
      traceFd: fd,
      signal: AbortSignal.any([full.signal, fault.signal, ...(given === undefined ? [] : [given])]),
      onStart: (process_) => {
        closeFd();
        request.session.onStart?.(process_);
      },
    });
    fault.throwIfAny();
    names.stop();
    const more = await request.atEnd?.(session);
    drain.addMetadata({ results: session.results, exitCode: session.exitCode, events: session.events, ...more });
    stopped ??= watch.look().stopped;
    const asked = watch.asked();
    const totals = named(await drain.stop());
    // A run that failed before its first event has nothing to show for the recording that it would replace.
    if (totals.recorded > 0 || session.exitCode === 0) aside.commit();
    return { session, totals, asked, ...(stopped === undefined ? {} : { stopped }) };
  } catch (error) {
    names.stop();
    await drain.stop();
    throw error;
  } finally {
    for (const timer of timers) clearInterval(timer);
  }
}
