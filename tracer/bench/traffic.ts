// SPDX-License-Identifier: MIT
// What recording costs a real driver under traffic: the e1000e sample, TCP in both directions, untraced and traced runs in turn.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Row } from './rows.js';

const main = fileURLToPath(new URL('../../profiler/cli/main.js', import.meta.url));
const builder = fileURLToPath(new URL('../../runtime/build/main.js', import.meta.url));
const exec = promisify(execFile);

interface Flow {
  readonly bytes: number;
  readonly mbitPerSecond: number;
}
interface RunJson {
  readonly results: readonly { readonly workload: string; readonly out?: Flow; readonly in?: Flow }[];
  readonly countersAfter: readonly { readonly cpuNs?: number }[];
  readonly trace?: { readonly recorded: number; readonly lost: number };
}

/** Of one run: megabits a second and the driver process's CPU time per byte, for each direction. */
interface Sample {
  readonly outRate: number;
  readonly inRate: number;
  readonly outCpu: number;
  readonly inCpu: number;
  readonly lost: number;
  readonly bytesPerEvent: number;
}

type Command = readonly string[];

const PLAIN: Command = ['run', 'e1000e'];
const DEFAULT: Command = ['record', 'e1000e', '--no-findings'];
/** All categories but the bytes of packets, all functions of the driver. */
const EVERYTHING: Command = ['record', 'e1000e', '--no-findings', '--events', 'all,-packet', '--functions', '*'];

async function sample(command: Command, megabytes: number, dir: string): Promise<Sample> {
  const file = join(dir, 'x.ddet');
  const output = command[0] === 'record' ? ['-o', file] : [];
  const bytes = ['--bytes', `${megabytes}M`];
  const tcp = (way: string): string[] => ['+', 'tcp', ...bytes, '--direction', way];
  const args = [main, ...command, '--json', ...output, '--', 'ping', '--count', '1', ...tcp('out'), ...tcp('in')];
  const { stdout } = await exec(process.execPath, args, { maxBuffer: 64 << 20, timeout: 600_000 });
  const { results, countersAfter, trace } = JSON.parse(stdout) as RunJson;
  const [out, back] = [results[1]?.out, results[2]?.in];
  const [before, between, after] = countersAfter.map((c) => c.cpuNs ?? Number.NaN);
  if (out === undefined || back === undefined) throw new Error(`no throughput in the result of: ${args.join(' ')}`);
  return {
    outRate: out.mbitPerSecond,
    inRate: back.mbitPerSecond,
    outCpu: ((between as number) - (before as number)) / out.bytes,
    inCpu: ((after as number) - (between as number)) / back.bytes,
    lost: trace?.lost ?? 0,
    bytesPerEvent: trace === undefined ? 0 : statSync(file).size / trace.recorded,
  };
}

type Progress = (text: string) => void;

/** Runs the commands in turn. The order changes from round to round: what one run leaves behind meets another one each time. */
async function takeTurns<K extends string>(
  commands: Readonly<Record<K, Command>>,
  rounds: number,
  megabytes: number,
  progress: Progress,
): Promise<Record<K, Sample>[]> {
  const all: Record<K, Sample>[] = [];
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  const names = Object.keys(commands) as K[];
  try {
    await sample(PLAIN, 1, dir); // builds the driver, warms the caches
    for (let i = 0; i < rounds; i++) {
      const round = {} as Record<K, Sample>;
      for (let k = 0; k < names.length; k++) {
        const name = names[(k + i) % names.length] as K;
        round[name] = await sample(commands[name], megabytes, dir);
      }
      all.push(round);
      const rates = names.map((name) => `${name} ${Math.round(round[name].outRate)}/${Math.round(round[name].inRate)}`);
      progress(`traffic ${i + 1} of ${rounds}: ${rates.join(', ')} Mbit/s out/in`);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return all;
}

export interface TrafficResult {
  readonly rows: Row[];
  /** Half of the untraced runs lie within a tenth of their median: else the figures say little. */
  readonly quiet: boolean;
}

function isQuiet(rates: readonly number[]): boolean {
  const middle = median(rates);
  return median(rates.map((rate) => Math.abs(rate - middle))) / middle < 0.1;
}

/** Ratios are taken inside a round, then the median of all rounds. */
export async function trafficRows(rounds: number, megabytes: number, progress: Progress): Promise<TrafficResult> {
  const all = await takeTurns({ untraced: PLAIN, default: DEFAULT, all: EVERYTHING }, rounds, megabytes, progress);
  const rows: Row[] = [];
  for (const [variant, name, atLeast, atMost, size] of [
    ['default', 'default trace', 0.95, undefined, 2.5],
    ['all', 'everything on', 0.85, 1.3, 8],
  ] as const) {
    const ratio = (key: keyof Sample): number => median(all.map((r) => r[variant][key] / r.untraced[key]));
    const most = (key: keyof Sample): number => Math.max(...all.map((r) => r[variant][key]));
    for (const way of ['out', 'in'] as const) {
      rows.push({ name: `TCP ${way}, ${name} / untraced, throughput`, value: ratio(`${way}Rate`), unit: 'x', atLeast });
      const cpu = { name: `TCP ${way}, ${name} / untraced, CPU a byte`, value: ratio(`${way}Cpu`), unit: 'x' };
      rows.push(atMost === undefined ? cpu : { ...cpu, atMost });
    }
    rows.push({ name: `${name}: events lost in any run`, value: most('lost'), unit: '', atMost: 0 });
    rows.push({ name: `${name}: bytes an event on disk`, value: most('bytesPerEvent'), unit: '', atMost: size });
  }
  return { rows, quiet: isQuiet(all.map((r) => r.untraced.outRate)) };
}

/** The sample compiled in and off, against a build of the same sources without entries to patch and without thunks. */
export async function offRows(rounds: number, megabytes: number, progress: Progress): Promise<TrafficResult> {
  progress('the build without instrumentation; its first time compiles all of Linux once more');
  const { stdout } = await exec(process.execPath, [builder, 'e1000e', '--uninstrumented'], { maxBuffer: 64 << 20 });
  const none: Command = ['run', dirname(stdout.trim())];
  const all = await takeTurns({ off: PLAIN, none }, rounds, megabytes, progress);
  const rows: Row[] = [];
  for (const way of ['out', 'in'] as const) {
    const name = `TCP ${way}, switched off / not instrumented`;
    const time = median(all.map((r) => r.none[`${way}Rate`] / r.off[`${way}Rate`]));
    rows.push({ name: `${name}, time`, value: time, unit: 'x', atMost: 1.02 });
    const cpu = median(all.map((r) => r.off[`${way}Cpu`] / r.none[`${way}Cpu`]));
    rows.push({ name: `${name}, CPU a byte`, value: cpu, unit: 'x', atMost: 1.02 });
  }
  return { rows, quiet: isQuiet(all.map((r) => r.off.outRate)) };
}
