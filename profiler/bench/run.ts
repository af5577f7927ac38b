// SPDX-License-Identifier: MIT
// `npm run bench:profiler [-- --rounds N --trace FILE --check --json]`: reading and exporting, against uftrace.
// Both are run as commands, start included, in turns on the same machine; each reads a recording of its own, made here (ours:
// the e1000e sample under TCP, or --trace). Ratios are taken inside a round from CPU time, as a busy machine leaves that
// alone; then the median of the rounds. Prints value and goal per row; --check ends with 1 when a goal is missed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const main = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const source = fileURLToPath(new URL('../../../profiler/bench/calls.c', import.meta.url));
const PACKETS = 150_000;
const CALLS_A_PACKET = 19;

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
}

/** CPU seconds of a command, its output thrown away. */
function cpu(command: string, args: readonly string[]): number {
  const script = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null 2> /dev/null';
  const end = spawnSync('bash', ['-c', script, 'bash', command, ...args], { encoding: 'utf8' });
  const [user, system] = end.stderr.trim().split(/\s+/).map(Number);
  if (end.status !== 0 || user === undefined || system === undefined)
    throw new Error(`${command} ${args.join(' ')}: ${end.stderr}`);
  return user + system;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const k = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[k] as number) : ((sorted[k - 1] as number) + (sorted[k] as number)) / 2;
}

const tool = (args: readonly string[]): string =>
  execFileSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Our recording: API calls and driver functions, thread switches, no other events, as uftrace has none. */
function ours(dir: string, given: string | undefined): { file: string; events: number } {
  const file = given ?? join(dir, 'calls.ddet');
  if (given === undefined) {
    const what = ['--functions', '*', '--events', 'sched', '--no-findings'];
    tool(['record', 'e1000e', '-o', file, ...what, '--', 'tcp', '--duration', '4']);
  }
  const { overview } = JSON.parse(tool(['report', file, '--by', 'threads', '--json'])) as {
    overview: { accounting: { recorded: number } };
  };
  return { file, events: overview.accounting.recorded };
}

function theirs(dir: string): { data: string; events: number } {
  const program = join(dir, 'calls');
  const data = join(dir, 'uftrace');
  execFileSync('gcc', ['-O1', '-pg', '-fno-optimize-sibling-calls', '-o', program, source]);
  execFileSync('uftrace', ['record', '--no-libcall', '--no-event', '-d', data, program, String(PACKETS)]);
  return { data, events: PACKETS * CALLS_A_PACKET * 2 };
}

function measure(rounds: number, trace: string | undefined, progress: (text: string) => void): Row[] {
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  try {
    progress('record');
    const [a, b] = [ours(dir, trace), theirs(dir)];
    const rates: Record<'report' | 'uftraceReport' | 'export' | 'uftraceChrome', number[]> = {
      report: [],
      uftraceReport: [],
      export: [],
      uftraceChrome: [],
    };
    for (let i = 0; i < rounds; i++) {
      progress(`round ${i + 1}/${rounds}`);
      const out = join(dir, 'x.speedscope.json');
      rates.report.push(a.events / cpu(process.execPath, [main, 'report', a.file, '--by', 'functions']));
      rates.uftraceReport.push(b.events / cpu('uftrace', ['report', '-d', b.data]));
      rates.export.push(a.events / cpu(process.execPath, [main, 'export', a.file, '-o', out]));
      rates.uftraceChrome.push(b.events / cpu('uftrace', ['dump', '--chrome', '-d', b.data]));
    }
    const row = (name: string, values: readonly number[]): Row => ({
      name,
      value: median(values) / 1e6,
      unit: 'M events/s',
    });
    const ratio = (name: string, x: readonly number[], y: readonly number[]): Row => ({
      name,
      value: median(x.map((v, i) => v / (y[i] as number))),
      unit: 'x',
      atLeast: 2,
    });
    return [
      { name: 'events in our trace', value: a.events / 1e6, unit: 'M' },
      row('report', rates.report),
      row('uftrace report', rates.uftraceReport),
      ratio('report / uftrace report', rates.report, rates.uftraceReport),
      row('export speedscope', rates.export),
      row('uftrace dump --chrome', rates.uftraceChrome),
      ratio('export / uftrace dump --chrome', rates.export, rates.uftraceChrome),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const met = ({ value, atLeast }: Row): boolean => value >= (atLeast ?? Number.NEGATIVE_INFINITY);

function benchmark(): number {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      trace: { type: 'string' },
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (spawnSync('uftrace', ['--version'], { stdio: 'ignore' }).status !== 0) {
    process.stderr.write('uftrace: not found (apt-get install uftrace)\n');
    return 3;
  }
  const rows = measure(Number(values.rounds), values.trace, (text) => void process.stderr.write(`${text}\n`));
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds: Number(values.rounds), rows }, null, 2)}\n`);
  else {
    for (const row of rows) {
      const goal = row.atLeast === undefined ? '' : `  goal: at least ${row.atLeast}  ${met(row) ? 'met' : 'MISSED'}`;
      process.stdout.write(`${row.name.padEnd(32)} ${row.value.toFixed(2).padStart(8)} ${row.unit}${goal}\n`);
    }
  }
  return values.check && !rows.every(met) ? 1 : 0;
}

process.exitCode = benchmark();
