// SPDX-License-Identifier: MIT
// A recording of a driver process that runs already. It goes on when the recording ends.

import { categoryMask, type Drain, type DrainTotals } from '../../tracer/recorder/addon.js';
import type { Trigger } from '../../tracer/recorder/triggers.js';
import type { Prototypes } from '../../tracer/symbols/index.js';
import type { Category } from './categories.js';
import { LaunchError } from '../builds/errors.js';
import { AsideFile, writeAside } from './aside.js';
import { LateNames } from './late-names.js';
import type { Site } from '../builds/manifest.js';
import { commandLine, devicesOf, workloadOf } from '../run/process-facts.js';
import { numbered } from './snapshot-name.js';
import { applied, type RunningTarget, switchTracing } from './running-target.js';
import { traceMetadata } from './trace-metadata.js';
import { TriggerWatch } from './trigger-watch.js';

export interface AttachRequest {
  readonly target: RunningTarget;
  readonly file: string;
  readonly sites: readonly Site[];
  readonly chosen: readonly number[];
  readonly categories: readonly Category[];
  readonly toolVersion: string;
  readonly prototypes?: Prototypes;
  readonly args?: Uint8Array;
  readonly depth?: number;
  /** Nanoseconds: calls that took less are left out of the file. */
  readonly minDuration?: number;
  /** Numbers of the kernel's tracepoints; they need the category `tracepoint`. */
  readonly tracepoints?: readonly number[];
  readonly triggers?: readonly Trigger[];
  /** Reads along with the recorder of the process and switches nothing; what is chosen above is what that one records. */
  readonly follow?: boolean;
}

export interface Attachment {
  /** From the call of attach() until the driver process emits. */
  readonly attachMs: number;
  /** False: the process is stopped, and will emit when it goes on. */
  readonly applied: boolean;
  totals(): DrainTotals;
  readonly watch: TriggerWatch;
  /** Writes what makes the file self-contained; without it the file has numbers instead of names. */
  describe(symbols: readonly object[]): void;
  /** Switches tracing off again and ends the file. Also when the process has ended meanwhile. */
  end(): Promise<DrainTotals>;
}

/** Starts to write what the process emits from here on. Throws LaunchError when that cannot be. */
export function startDrain(
  target: RunningTarget,
  file: string,
  {
    minDuration = 0,
    follow = false,
  }: { readonly minDuration?: number | undefined; readonly follow?: boolean | undefined } = {},
): Drain {
  const { driver, buildId } = target.build.manifest;
  try {
    return target.region.startDrain({
      file,
      metadata: { driver, buildId, attached: { pid: target.pid } },
      attach: true,
      minDuration,
      follow,
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const text = error instanceof Error ? error.message : String(error);
    if (code === 'ERR_DDE_TRACE_FILE') throw new LaunchError('ERR_DDE_OUTPUT', text, { cause: error });
    if (code === 'ERR_DDE_BUSY') throw new LaunchError('ERR_DDE_PROCESS', text, { cause: error });
    throw error;
  }
}

/** The rest of the metadata. Its many names take longer to write than all the rest of attaching, so it comes after. */
export function describe({ target, file: _, ...source }: AttachRequest, symbols: readonly object[]): object {
  const args = commandLine(target.pid);
  return {
    ...traceMetadata({ ...source, build: target.build, symbols }),
    device: devicesOf(args).join(', '),
    workload: workloadOf(args),
  };
}

/** Writes what a flight recorder (record --mode overwrite) holds now. It goes on. */
export function snapshotNow(request: AttachRequest, symbols: readonly object[], reason = 'asked for'): DrainTotals {
  const { region, pid, build } = request.target;
  const { driver, buildId } = build.manifest;
  const metadata = { driver, buildId, ...describe(request, symbols), snapshot: { reason, pid } };
  const minDuration = request.minDuration ?? 0;
  return writeAside(request.file, (path) => region.snapshot({ file: path, metadata, minDuration }));
}

/**
 * Waits for triggers in a process that runs a flight recorder: each call that asks for a snapshot gets one. Afterwards the
 * process records as before.
 */
export async function watchFlight(
  request: AttachRequest,
  symbols: readonly object[],
  {
    goOn,
    onSnapshot,
  }: { goOn(): Promise<boolean>; onSnapshot(file: string, reason: string, totals: DrainTotals): void },
): Promise<void> {
  const { target, sites, triggers = [] } = request;
  const { region } = target;
  const before = region.asked();
  const { categories } = region.info();
  const all = [...before.triggers, ...triggers];
  const wanted = Uint8Array.from(before.sites);
  const args = Uint8Array.from(before.args);
  for (const { site } of triggers) {
    wanted[site >> 3] = (wanted[site >> 3] ?? 0) | (1 << (site & 7));
    args[site] = Math.max(args[site] ?? 0, request.args?.[site] ?? 0);
  }
  const watch = new TriggerWatch(region, all, sites);
  region.setControl({ categories: categories | categoryMask(['mark']), sites: wanted, args, triggers: all });
  try {
    await applied(target);
    for (let number = 1; (await goOn()) && target.alive(); ) {
      for (const name of watch.look().snapshots) {
        const file = numbered(request.file, number++, 'trigger');
        const reason = `call of ${name}`;
        onSnapshot(file, reason, snapshotNow({ ...request, file }, symbols, reason));
      }
    }
  } finally {
    if (target.alive()) region.setControl({ categories, ...before });
  }
}

/** A recording that is written aside until its first events are in. */
export async function attach(request: AttachRequest): Promise<Attachment> {
  const { target, categories, chosen, follow = false } = request;
  const begun = performance.now();
  const aside = new AsideFile(request.file);
  let drain: Drain;
  try {
    drain = startDrain(target, aside.path, { minDuration: request.minDuration, follow });
  } catch (error) {
    aside.discard();
    throw aside.failure(error);
  }
  const totals = (): DrainTotals => {
    const now = drain.totals();
    if (now.recorded > 0) aside.commit();
    return now.error === undefined ? now : { ...now, error: aside.named(now.error) };
  };
  let names: LateNames | undefined;
  const end = async (): Promise<DrainTotals> => {
    names?.stop();
    // Off first, so that what was emitted until then is still read.
    if (!follow && target.alive()) await switchTracing(target, [], []);
    const last = await drain.stop();
    aside.commit();
    return last.error === undefined ? last : { ...last, error: aside.named(last.error) };
  };
  const { args, depth, tracepoints, triggers = [] } = request;
  const watch = new TriggerWatch(target.region, triggers, request.sites);
  let done: boolean;
  try {
    done = follow || (await switchTracing(target, categories, chosen, { args, depth, tracepoints, triggers }));
  } catch (error) {
    await drain.stop();
    aside.discard();
    throw error;
  }
  return {
    attachMs: performance.now() - begun,
    applied: done,
    watch,
    totals,
    describe(symbols) {
      drain.addMetadata(describe(request, symbols));
      names ??= new LateNames(target.region, { ...request, build: target.build }, (more) => drain.addMetadata(more));
    },
    end,
  };
}
