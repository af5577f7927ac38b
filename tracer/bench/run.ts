// SPDX-License-Identifier: MIT
// `npm run bench:tracer`: what recording costs, against a bare reference loop, uftrace and LTTng-UST, in interleaved rounds.
// Prints a table, and with --json one JSON object. Times are ns over the plain call; ratios are taken inside a round, then the
// median of all rounds. A tool that is not installed is left out, and said so.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

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

function main(args: readonly string[]): void {
  const rounds = Number(args.find((arg) => /^--rounds=\d+$/.test(arg))?.slice(9) ?? 9);
  const calls = Number(args.find((arg) => /^--calls=\d+$/.test(arg))?.slice(8) ?? 1_000_000);
  const built = buildPrograms(['bench', 'uftrace_loop', 'lttng_loop']);
  const tools = {
    uftrace: built.includes('uftrace_loop') && works('uftrace'),
    lttng: built.includes('lttng_loop') && works('lttng'),
  };
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  const all: Round[] = [];
  try {
    for (let i = 0; i < rounds; i++) {
      const round = own(calls);
      if (tools.uftrace) round.uftrace = uftrace(calls, dir);
      if (tools.lttng) round.lttng = lttng(calls, dir);
      all.push(round);
      process.stderr.write(`round ${i + 1} of ${rounds}: ref ${(round.ref - round.plain).toFixed(1)} ns\n`);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  const over = (key: keyof Round): number[] =>
    all.filter((r) => r[key] !== undefined).map((r) => (r[key] as number) - r.plain);
  const against = (key: keyof Round, base: keyof Round): number | undefined => {
    const some = all.filter((r) => r[key] !== undefined && r[base] !== undefined);
    if (some.length === 0) return undefined;
    return median(some.map((r) => ((r[key] as number) - r.plain) / ((r[base] as number) - r.plain)));
  };
  const refs = over('ref');
  const result = {
    rounds,
    calls,
    quiet: median(refs.map((ns) => Math.abs(ns - median(refs)))) / median(refs) < 0.2,
    nsOverPlain: Object.fromEntries(
      (['off', 'ref', 'stub', 'event', 'event_off', 'uftrace', 'lttng'] as const)
        .filter((key) => over(key).length > 0)
        .map((key) => [key, Number(median(over(key)).toFixed(2))]),
    ),
    stubToRef: against('stub', 'ref'),
    eventToRef: against('event', 'ref'),
    stubToUftrace: against('stub', 'uftrace'),
    stubToLttng: against('stub', 'lttng'),
    offToPlain: median(all.map((r) => r.off / r.plain)),
    eventOffToPlain: median(all.map((r) => r.event_off / r.plain)),
  };
  if (args.includes('--json')) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const row = (name: string, value: number | undefined, goal: string): string =>
    `${name.padEnd(58)} ${(value === undefined ? 'not measured' : value.toFixed(2)).padStart(12)}   ${goal}\n`;
  process.stdout.write(
    [
      `median of ${rounds} rounds of ${calls} calls${result.quiet ? '' : ' (the machine was not quiet)'}\n`,
      ...Object.entries(result.nsOverPlain).map(([key, ns]) => row(`${key}: ns over the plain call`, ns, '')),
      row('entry and exit of a function / reference', result.stubToRef, 'goal 1.25'),
      row('entry and exit of a function / uftrace', result.stubToUftrace, 'goal 0.30'),
      row('entry and exit of a function / LTTng-UST', result.stubToLttng, ''),
      row('typed event with two arguments / reference', result.eventToRef, 'goal 1.60'),
      row('site switched off / not instrumented', result.offToPlain, 'goal 1.02'),
      row('event switched off / not instrumented', result.eventOffToPlain, ''),
    ].join(''),
  );
}

main(process.argv.slice(2));
