// SPDX-License-Identifier: MIT
// What one command costs, and how rows of results are shown.
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** From what tsc makes of this file, or from the file itself under a test. */
const built = import.meta.url.includes('/dist/') ? '../cli/main.js' : '../../dist/profiler/cli/main.js';
export const main = fileURLToPath(new URL(built, import.meta.url));
/** A test's loaders are not for the tool. */
const { NODE_OPTIONS: _, ...environment } = process.env;

export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Cost {
  /** CPU seconds, user and system. */
  readonly cpu: number;
  readonly seconds: number;
  readonly peakMb: number;
}

/** What a command costs whose output goes to a file (or to nowhere). The peak is that of memory in use. */
export function cost(command: string, args: readonly string[], output = '/dev/null'): Cost {
  // GNU time would be one more package; Python is what gdb brings along, and its children's usage is what is asked for.
  const script = `import json, resource, subprocess, sys, time
start = time.monotonic()
with open(sys.argv[1], 'wb') as out:
    code = subprocess.run(sys.argv[2:], stdout=out, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'code': code, 'seconds': time.monotonic() - start, 'cpu': used.ru_utime + used.ru_stime, 'peakMb': used.ru_maxrss / 1024}))`;
  const end = spawnSync('python3', ['-c', script, output, command, ...args], { encoding: 'utf8' });
  if (end.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${end.stderr}`);
  const result = JSON.parse(end.stdout) as Cost & { code: number };
  if (result.code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${result.code}`);
  return result;
}

/** Standard output of dde-profile; `prefix`: a command that runs it, as taskset. */
export const tool = (args: readonly string[], prefix: readonly string[] = []): string => {
  const [command, ...rest] = [...prefix, process.execPath, main, ...args] as [string, ...string[]];
  return execFileSync(command, rest, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
};

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const k = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[k] as number) : ((sorted[k - 1] as number) + (sorted[k] as number)) / 2;
}

export const met = ({ value, atLeast, atMost }: Row): boolean =>
  value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);

function goalOf(row: Row): string {
  const goal =
    row.atLeast !== undefined
      ? `at least ${row.atLeast}`
      : row.atMost !== undefined
        ? `at most ${row.atMost}`
        : undefined;
  return goal === undefined ? '' : `  goal: ${goal}  ${met(row) ? 'met' : 'MISSED'}`;
}

export function printRows(rows: readonly Row[]): void {
  for (const row of rows) {
    process.stdout.write(`${row.name.padEnd(40)} ${row.value.toFixed(2).padStart(8)} ${row.unit}${goalOf(row)}\n`);
  }
}
