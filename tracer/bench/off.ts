// SPDX-License-Identifier: MIT
// What the tracer costs a real driver when it is compiled in and switched off: the e1000e sample, TCP in both directions.
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Row } from './rows.js';
import type { TrafficResult } from './traffic.js';

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
}

/** Of one run, a figure a transfer: megabits a second and the driver process's CPU time per byte, for each direction. */
interface Sample {
  readonly outRate: number[];
  readonly inRate: number[];
  readonly outCpu: number[];
  readonly inCpu: number[];
}

type Command = readonly string[];

const PLAIN: Command = ['run', 'e1000e'];

/** Start-up takes longer than a transfer, so a run makes several. */
const TRANSFERS = 5;

async function sample(command: Command, megabytes: number): Promise<Sample> {
  const bytes = ['--bytes', `${megabytes}M`];
  const tcp = (way: string): string[] => ['+', 'tcp', ...bytes, '--direction', way];
  const both = Array.from({ length: TRANSFERS }, () => [...tcp('out'), ...tcp('in')]).flat();
  const args = [main, ...command, '--json', '--', 'ping', '--count', '1', ...both];
  const { stdout } = await exec(process.execPath, args, { maxBuffer: 64 << 20, timeout: 600_000 });
  const { results, countersAfter } = JSON.parse(stdout) as RunJson;
  const cpu = countersAfter.map((c) => c.cpuNs ?? Number.NaN);
  const found: Sample = { outRate: [], inRate: [], outCpu: [], inCpu: [] };
  for (let i = 1; i <= 2 * TRANSFERS; i++) {
    const [way, flow] = i % 2 ? (['out', results[i]?.out] as const) : (['in', results[i]?.in] as const);
    if (flow === undefined) throw new Error(`no throughput in the result of: ${args.join(' ')}`);
    found[`${way}Rate`].push(flow.mbitPerSecond);
    found[`${way}Cpu`].push(((cpu[i] as number) - (cpu[i - 1] as number)) / flow.bytes);
  }
  return found;
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
  const names = Object.keys(commands) as K[];
  await sample(PLAIN, 1); // builds the driver, warms the caches
  for (let i = 0; i < rounds; i++) {
    const round = {} as Record<K, Sample>;
    for (let k = 0; k < names.length; k++) {
      const name = names[(k + i) % names.length] as K;
      round[name] = await sample(commands[name], megabytes);
    }
    all.push(round);
    const rates = names.map(
      (name) => `${name} ${Math.round(median(round[name].outRate))}/${Math.round(median(round[name].inRate))}`,
    );
    progress(`off ${i + 1} of ${rounds}: ${rates.join(', ')} Mbit/s out/in`);
  }
  return all;
}

function isQuiet(rates: readonly number[]): boolean {
  const middle = median(rates);
  return median(rates.map((rate) => Math.abs(rate - middle))) / middle < 0.1;
}

/** The sample compiled in and off, against a build of the same sources without entries to patch and thunks, and without events in the kernel side. */
export async function offRows(rounds: number, megabytes: number, progress: Progress): Promise<TrafficResult> {
  progress('the build without instrumentation; its first time compiles all of Linux once more');
  const { stdout } = await exec(process.execPath, [builder, 'e1000e', '--uninstrumented'], { maxBuffer: 64 << 20 });
  const none: Command = ['run', dirname(stdout.trim())];
  const all = await takeTurns({ off: PLAIN, none }, rounds, megabytes, progress);
  const rows: Row[] = [];
  for (const way of ['out', 'in'] as const) {
    const name = `TCP ${way}, switched off / not instrumented`;
    const time = median(all.map((r) => median(r.none[`${way}Rate`]) / median(r.off[`${way}Rate`])));
    rows.push({ name: `${name}, time`, value: time, unit: 'x', atMost: 1.02 });
    const cpu = median(all.map((r) => median(r.off[`${way}Cpu`]) / median(r.none[`${way}Cpu`])));
    rows.push({ name: `${name}, CPU a byte`, value: cpu, unit: 'x', atMost: 1.02 });
  }
  return { rows, quiet: isQuiet(all.map((r) => median(r.off.outRate))) };
}
