// SPDX-License-Identifier: MIT
// `npm run bench:tracer`: what recording costs, against a bare reference loop, uftrace and LTTng-UST, in interleaved rounds;
// and on a real driver under traffic (traffic.ts).
// Prints a table, and with --json one JSON object; --check ends with 1 when a goal is missed. Times are ns over the plain call;
// ratios are taken inside a round, then the median of all rounds. A tool that is not installed is left out, and said so.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, met, printRow, type Row } from './rows.js';
import { offRows } from './off.js';
import { temporaryDir } from './temporary.js';
import { trafficRows } from './traffic.js';

const source = dirname(fileURLToPath(import.meta.url)).replace(/\/dist\/tracer\/bench$/, '/tracer/bench');
const build = join(source, '../../build/bench/tracer');

interface Round {
  plain: number;
  off: number;
  ref: number;
  stub: number;
  event: number;
  event_off: number;
  uftrace?: number;
  lttng?: number;
}

const run = (
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });

const works = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

function own(calls: number): Round {
  return JSON.parse(run(join(build, 'bench'), ['1', String(calls)])) as Round;
}

function uftrace(calls: number, dir: string): number {
  const args = [
    'record',
    '--no-libcall',
    '--no-event',
    '-d',
    join(dir, 'uftrace'),
    join(build, 'uftrace_loop'),
    String(calls),
  ];
  const out = run('uftrace', args, { cwd: dir });
  return Number.parseFloat(out);
}

function lttng(calls: number, dir: string): number {
  const name = `dde-bench-${process.pid}`;
  run('lttng', ['create', name, `--output=${join(dir, 'lttng')}`]);
  try {
    run('lttng', ['enable-channel', '-u', '--subbuf-size=8M', '--num-subbuf=8', '--blocking-timeout=inf', 'c']);
    run('lttng', ['enable-event', '-u', '-c', 'c', 'dde_bench:*']);
    run('lttng', ['start']);
    const env = { ...process.env, LTTNG_UST_ALLOW_BLOCKING: '1' };
    return Number.parseFloat(run(join(build, 'lttng_loop'), [String(calls)], { env }));
  } finally {
    spawnSync('lttng', ['destroy', name], { stdio: 'ignore' });
    rmSync(join(dir, 'lttng'), { recursive: true, force: true });
  }
}

function buildPrograms(targets: readonly string[]): string[] {
  mkdirSync(build, { recursive: true });
  return targets.filter((target) => {
    const result = spawnSync('make', ['-s', '-C', source, `O=${build}`, join(build, target)], { encoding: 'utf8' });
    if (result.status !== 0) process.stderr.write(`${target} is left out: ${result.stderr.split('\n')[0]}\n`);
    return result.status === 0;
  });
}

/** LTTng's first command starts its daemon, and leaves it. */
const daemons = (): string[] => {
  const { stdout } = spawnSync('pgrep', ['-x', 'lttng-sessiond'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter((line) => line !== '');
};

function stopDaemons(before: readonly string[]): void {
  const ours = daemons().filter((pid) => !before.includes(pid));
  if (ours.length > 0) spawnSync('kill', ours, { stdio: 'ignore' });
}

function measure(rounds: number, calls: number): Round[] {
  const built = buildPrograms(['bench', 'uftrace_loop', 'lttng_loop']);
  const tools = {
    uftrace: built.includes('uftrace_loop') && works('uftrace'),
    lttng: built.includes('lttng_loop') && works('lttng'),
  };
  const dir = temporaryDir();
  const running = daemons();
  const all: Round[] = [];
  try {
    for (let i = 0; i < rounds; i++) {
      const round = own(calls);
      if (tools.uftrace) round.uftrace = uftrace(calls, dir);
      if (tools.lttng) round.lttng = lttng(calls, dir);
      all.push(round);
      process.stderr.write(`bench: round ${i + 1} of ${rounds}: ref ${(round.ref - round.plain).toFixed(1)} ns\n`);
    }
  } finally {
    stopDaemons(running);
  }
  return all;
}

function rowsOf(all: readonly Round[]): Row[] {
  const over = (key: keyof Round): number | undefined => {
    const some = all.filter((r) => r[key] !== undefined).map((r) => (r[key] as number) - r.plain);
    return some.length === 0 ? undefined : median(some);
  };
  const against = (key: keyof Round, base: keyof Round): number | undefined => {
    const some = all.filter((r) => r[key] !== undefined && r[base] !== undefined);
    if (some.length === 0) return undefined;
    return median(some.map((r) => ((r[key] as number) - r.plain) / ((r[base] as number) - r.plain)));
  };
  const names = {
    ref: 'reference (two clock readings, 16 bytes stored)',
    stub: 'entry and exit of a function',
    event: 'typed event with two arguments',
    uftrace: 'entry and exit of a function, uftrace',
    lttng: 'entry and exit of a function, LTTng-UST',
  } as const;
  return [
    ...Object.entries(names).map(([key, name]) => ({ name, value: over(key as keyof Round), unit: 'ns' })),
    { name: 'entry and exit / reference', value: against('stub', 'ref'), unit: 'x', atMost: 1.25 },
    { name: 'entry and exit / uftrace', value: against('stub', 'uftrace'), unit: 'x', atMost: 0.3 },
    { name: 'entry and exit / LTTng-UST', value: against('stub', 'lttng'), unit: 'x' },
    { name: 'typed event / reference', value: against('event', 'ref'), unit: 'x', atMost: 1.6 },
    {
      name: 'site switched off / not instrumented',
      value: median(all.map((r) => r.off / r.plain)),
      unit: 'x',
      atMost: 1.02,
    },
    {
      name: 'event switched off / not instrumented',
      value: median(all.map((r) => r.event_off / r.plain)),
      unit: 'x',
      atMost: 1.02,
    },
  ];
}

/** Half of the rounds lie within a fifth of the reference's median: else the figures say little. */
function isQuiet(all: readonly Round[]): boolean {
  const refs = all.map((r) => r.ref - r.plain);
  const middle = median(refs);
  return median(refs.map((ns) => Math.abs(ns - middle))) / middle < 0.2;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    calls: { type: 'string', default: '1000000' },
    megabytes: { type: 'string', default: '100' },
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [rounds, calls, megabytes] = [values.rounds, values.calls, values.megabytes].map(Number) as [
  number,
  number,
  number,
];
const whole = [rounds, calls, megabytes].every((n) => Number.isInteger(n) && n > 0);
const PARTS = ['calls', 'traffic', 'off'];
const parts = values.only === undefined ? PARTS : [values.only];
if (values.help || !whole || !parts.every((part) => PARTS.includes(part))) {
  process.stdout.write(
    'usage: npm run bench:tracer -- [--only calls|traffic|off] [--rounds N] [--calls N] [--megabytes N] [--check] [--json]\n',
  );
  process.exitCode = values.help ? 0 : 2;
} else {
  const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const rows: Row[] = [];
  let quiet = true;
  if (parts.includes('calls')) {
    const all = measure(rounds, calls);
    rows.push(...rowsOf(all));
    quiet = isQuiet(all);
  }
  const taken = [];
  if (parts.includes('traffic')) taken.push(await trafficRows(rounds, progress));
  // Runs differ by a tenth, and the goal for what is switched off is a fiftieth: that needs more of them.
  if (parts.includes('off')) taken.push(await offRows(rounds * 2, megabytes, progress));
  for (const part of taken) {
    rows.push(...part.rows);
    quiet &&= part.quiet;
  }
  if (values.json) {
    const json = rows.map((row) => ({ ...row, value: row.value ?? null, met: met(row) }));
    process.stdout.write(`${JSON.stringify({ rounds, calls, megabytes, quiet, rows: json })}\n`);
  } else {
    process.stdout.write(
      `median of ${rounds} rounds (switched off, on the driver: ${2 * rounds}); times are over the plain call\n`,
    );
    if (!quiet) process.stdout.write('the machine was not quiet: the figures say little\n');
    for (const row of rows) printRow(row);
  }
  if (values.check && !rows.every(met)) process.exitCode = 1;
}
