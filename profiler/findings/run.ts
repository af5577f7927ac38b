// SPDX-License-Identifier: MIT
// What a run told beside its trace: how the process ended, what the kernel printed, what the runtime counted at remove. It is known also
// when events were lost or nobody recorded.

import type { Evidence, Finding } from '../model/index.js';
import { findingsOfKernelLog, type KernelLogOptions } from './kernel-log.js';

/** What profiler/run knows when a run is over. */
export interface RunEnd {
  readonly exitCode: number;
  readonly events: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly results: readonly { readonly workload: string; readonly ok: boolean }[];
}

/** ARCHITECTURE.md: the exit codes that say that the driver did wrong. */
const CODE = { workload: 1, noDevice: 5, crashed: 7, watchdog: 8, leaked: 11 } as const;
/** Kinds of the kernel's log that are the end of the process. */
const FATAL = /^(crash|kernel-bug|oops|panic|stack-overflow)$/;
const CORRUPTED =
  'the fault is in code of Linux: memory may have been corrupted earlier, by other code; run `dde-profile check DRIVER --with slub-debug`, which tells whose object was damaged';
const STACK = 'the report on the console has stack and registers; with `--on-crash gdb` the process is kept for gdb';

/** Kinds of findings that a run can have beside those of its trace. */
export const RUN_KINDS: readonly string[] = ['crash', 'hung', 'probe-failed', 'workload-failed'];

const LEAK_KINDS: Readonly<Record<string, string>> = {
  'dma-streaming': 'dma-leak',
  'dma-coherent': 'dma-leak',
  irq: 'irq-leak',
  region: 'region-leak',
  memory: 'memory-leak',
  iomap: 'ioremap-leak',
  pages: 'page-leak',
  skb: 'skb-leak',
  netdev: 'netdev-leak',
  thread: 'left-behind',
  object: 'left-behind',
  'interrupt vectors': 'vectors-leak',
  'enabled device': 'device-left-enabled',
  'bus mastering': 'bus-master-left',
};

function bare(kind: string, title: string, hint: string): Finding {
  return { kind, severity: 'error', title, hint, count: 1, evidence: [] };
}

function crashOf(end: RunEnd, log: readonly Finding[], driverFiles: readonly string[]): Finding[] {
  const fatal = log.find(({ kind }) => FATAL.test(kind));
  const told = end.events.find(({ type, reason }) => type === 'crash' && reason !== 'watchdog' && reason !== 'hung');
  if (fatal === undefined && told === undefined && end.exitCode !== CODE.crashed) return [];
  const why = fatal?.title ?? told?.['reason'];
  const title = `the driver process crashed${why === undefined ? '' : `: ${why}`}`;
  const inner = fatal?.evidence[0]?.stack.at(-1);
  const foreign = fatal?.kind === 'crash' && inner !== undefined && !driverFiles.some((file) => names(inner, file));
  return [{ ...bare('crash', title, foreign ? CORRUPTED : STACK), evidence: fatal?.evidence ?? [] }];
}

/** `function (file.c:12)` is in the file. */
function names(frame: string, file: string): boolean {
  const [, name] = /\(([^():]+):\d+\)$/.exec(frame) ?? [];
  return name !== undefined && (file === name || file.endsWith(`/${name}`));
}

function hungOf(end: RunEnd, log: readonly Finding[]): Finding[] {
  if (end.exitCode !== CODE.watchdog || log.some(({ kind }) => kind === 'hung')) return [];
  return [bare('hung', 'the driver did not come to an end', 'the console says where it stands (--verbose)')];
}

/** `late at flawed.c:230` as the runtime says it. */
function placeOf(caller: unknown, driverFiles: readonly string[]): string | undefined {
  const [, name, line] = / at (\S+):(\d+)/.exec(String(caller)) ?? [];
  if (name === undefined) return undefined;
  return `${driverFiles.find((file) => file === name || file.endsWith(`/${name}`)) ?? name}:${line}`;
}

function leaksOf(end: RunEnd, driverFiles: readonly string[]): Finding[] {
  const groups = new Map<string, { kind: string; what: string; count: number; source: string | undefined }>();
  for (const event of end.events) {
    if (event.type !== 'leak') continue;
    const what = String(event['kind']);
    const kind = LEAK_KINDS[what] ?? 'left-behind';
    const source = placeOf(event['caller'], driverFiles);
    const key = `${kind} ${source}`;
    const group = groups.get(key) ?? { kind, what, count: 0, source };
    group.count++;
    groups.set(key, group);
  }
  const after = end.exitCode === CODE.noDevice ? 'the probe failed' : 'the driver was removed';
  return [...groups.values()].map(({ kind, what, count, source }): Finding => {
    const evidence: Evidence[] =
      source === undefined ? [] : [{ at: 0, thread: '?', source, stack: [], text: 'obtained here' }];
    return {
      ...bare(kind, `${what} is left, though ${after}`, 'give it back in remove and on error paths'),
      count,
      evidence,
    };
  });
}

function failuresOf(end: RunEnd): Finding[] {
  const failed = end.results
    .filter((result) => !result.ok)
    .map(({ workload }) => bare('workload-failed', `the workload ${workload} failed`, 'its result says why'));
  if (end.exitCode === CODE.workload && failed.length === 0)
    failed.push(bare('workload-failed', 'a workload failed', 'its result says why'));
  if (end.exitCode === CODE.noDevice)
    failed.push(
      bare('probe-failed', 'no driver took the device: the probe failed, or none fits', 'the console says why'),
    );
  return failed;
}

/** The worst first. `lines`: of the console. */
export function findingsOfRun(end: RunEnd, lines: Iterable<string>, { driverFiles }: KernelLogOptions): Finding[] {
  const log = findingsOfKernelLog(lines, { driverFiles });
  return [
    ...crashOf(end, log, driverFiles),
    ...hungOf(end, log),
    ...log.filter(({ kind }) => !FATAL.test(kind)),
    ...leaksOf(end, driverFiles),
    ...failuresOf(end),
  ];
}

/** Times of the console are those of the host's monotonic clock: makes them times since a moment of it, nanoseconds both. */
export function since(list: readonly Finding[], moment: number): Finding[] {
  return list.map((one) => ({
    ...one,
    evidence: one.evidence.map((e) => ({ ...e, at: Math.max(0, e.at - moment) as typeof e.at })),
  }));
}

/** The kernel's words say more than the trace's event of them; else the trace knows better. */
const FROM_LOG =
  /^(kernel-warning|dma-debug|lockdep|list-corruption|object-debug|tx-timeout|irq-nobody-cared|slub|ubsan)$/;

/** Findings of a trace with those that its run told. */
export function withTold(found: readonly Finding[], told: readonly Finding[]): Finding[] {
  const warned = told.some(({ kind }) => FROM_LOG.test(kind));
  const kinds = new Set(found.map(({ kind }) => kind));
  return [
    ...found.filter(({ kind }) => !(warned && kind === 'kernel-warning')),
    ...told.filter(({ kind }) => FROM_LOG.test(kind) || !kinds.has(kind)),
  ];
}
