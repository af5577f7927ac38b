// SPDX-License-Identifier: MIT
// One run of dde-profile for a benchmark, and the numbers in its JSON.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../profiler/cli/main.js', import.meta.url));
const exec = promisify(execFile);

export interface RunJson {
  readonly exitCode: number;
  readonly devices: readonly { readonly atMs: number }[];
  readonly results: readonly Readonly<Record<string, unknown>>[];
  /** One entry after each workload, then one at the end. */
  readonly countersAfter: readonly Readonly<Record<string, number>>[];
  readonly trace?: { readonly recorded: number; readonly lost: number };
}

async function json<T>(args: readonly string[]): Promise<T> {
  const { stdout } = await exec(process.execPath, [main, ...args], { maxBuffer: 256 << 20, timeout: 600_000 });
  return JSON.parse(stdout) as T;
}

/** `dde-profile run e1000e OPTIONS -- WORKLOADS`. */
export const run = (options: readonly string[], workloads: string): Promise<RunJson> =>
  json(['run', 'e1000e', '--json', ...options, '--', ...workloads.split(' ')]);

/** The same while recording with the default events; also the number of kernel-API calls in the trace. */
export async function record(workloads: string): Promise<RunJson & { readonly apiCalls: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  try {
    const file = join(dir, 'bench.dde');
    const result = await json<RunJson>(['record', 'e1000e', '--json', '-o', file, '--', ...workloads.split(' ')]);
    const report = await json<{ api?: readonly { readonly calls: number }[] }>([
      'report',
      file,
      '--by',
      'api',
      '--top',
      '100000',
      '--json',
    ]);
    const apiCalls = (report.api ?? []).reduce((sum, row) => sum + row.calls, 0);
    return { ...result, apiCalls };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Growth of a counter from one entry of countersAfter to the next. */
export function grown(json: RunJson, index: number, name: string): number {
  const before = json.countersAfter[index - 1]?.[name];
  const after = json.countersAfter[index]?.[name];
  if (before === undefined || after === undefined)
    throw new Error(`the run reported no ${name} after workload ${index}`);
  return after - before;
}
