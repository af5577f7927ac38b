// SPDX-License-Identifier: MIT
// `npm run bench:profiler [-- --rounds N --events M --trace FILE --long --diff --viewer --check --json]`: reading and exporting, against uftrace.
// Both read the same calls: a recording of the e1000e sample under TCP (or --trace), repeated until it holds --events million
// events, and its copy in uftrace's format. Both are run as commands, start included, in turns on the same machine, and write
// what they make into files. Ratios are taken inside a round from CPU time, as a busy machine leaves that alone; then the median
// of the rounds. --long: time and memory for a hundred million events instead. --diff: see diff.ts; --viewer: see viewer.ts. --check ends with 1 when a
// goal is missed.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryDir } from '../../tracer/bench/temporary.js';
import { diffBench } from './diff.js';
import { lengthen } from './lengthen.js';
import { cost, main, median, met, printRows, type Row, tool } from './measure.js';
import { asUftrace } from './uftrace-data.js';
import { viewerBench } from './viewer.js';

const source = fileURLToPath(new URL('../../../profiler/bench/calls.c', import.meta.url));
const LONG_EVENTS = 100e6;

interface Request {
  readonly rounds: number;
  readonly events: number;
  readonly trace: string | undefined;
  readonly progress: (text: string) => void;
}

function recordedEvents(file: string): number {
  const { overview } = JSON.parse(tool(['report', file, '--by', 'threads', '--json'])) as {
    overview: { accounting: { recorded: number } };
  };
  return overview.accounting.recorded;
}

/** A recording of so many events at least: the given one or one made here, repeated. */
function recording(dir: string, given: string | undefined, events: number, what: readonly string[]): string {
  const file = given ?? join(dir, 'one.ddet');
  if (given === undefined)
    tool(['record', 'e1000e', '-o', file, ...what, '--no-findings', '--', 'tcp', '--duration', '4']);
  const long = join(dir, 'long.ddet');
  lengthen(file, long, Math.ceil(events / recordedEvents(file)));
  return long;
}

/** API calls and driver functions, thread switches, no other events, as uftrace has none. */
const CALLS = ['--functions', '*', '--events', 'sched'];

function compare({ rounds, events, trace, progress }: Request, dir: string): Row[] {
  progress('record');
  const file = recording(dir, trace, events, CALLS);
  const data = join(dir, 'uftrace');
  const count = asUftrace(file, data, source);
  const rates: Record<'report' | 'uftraceReport' | 'export' | 'uftraceChrome', number[]> = {
    report: [],
    uftraceReport: [],
    export: [],
    uftraceChrome: [],
  };
  for (let i = 0; i < rounds; i++) {
    progress(`round ${i + 1}/${rounds}`);
    const out = join(dir, 'out.json');
    const rate = (command: string, args: readonly string[], output?: string): number =>
      count / cost(command, args, output).cpu;
    rates.report.push(rate(process.execPath, [main, 'report', file, '--by', 'functions']));
    rates.uftraceReport.push(rate('uftrace', ['report', '-d', data]));
    rates.export.push(rate(process.execPath, [main, 'export', file, '-o', '-'], out));
    rates.uftraceChrome.push(rate('uftrace', ['dump', '--chrome', '-d', data], out));
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
    { name: 'entries and exits', value: count / 1e6, unit: 'M' },
    row('report', rates.report),
    row('uftrace report', rates.uftraceReport),
    ratio('report / uftrace report', rates.report, rates.uftraceReport),
    row('export speedscope', rates.export),
    row('uftrace dump --chrome', rates.uftraceChrome),
    ratio('export / uftrace dump --chrome', rates.export, rates.uftraceChrome),
  ];
}

/** A hundred million events, all categories: their report, and an export of which every file can be opened. */
function long({ trace, progress }: Request, dir: string): Row[] {
  progress('record');
  const file = recording(dir, trace, LONG_EVENTS, ['--functions', '*']);
  progress('report');
  const report = cost(process.execPath, [main, 'report', file]);
  progress('export');
  const out = join(dir, 'parts');
  const exported = cost(process.execPath, [main, 'export', file, '-o', `${out}.speedscope.json`]);
  const parts = readdirSync(dir).filter((name) => name.startsWith('parts'));
  const largest = Math.max(...parts.map((name) => statSync(join(dir, name)).size));
  return [
    { name: 'events', value: recordedEvents(file) / 1e6, unit: 'M' },
    { name: 'report', value: report.seconds, unit: 's', atMost: 60 },
    { name: 'report, CPU', value: report.cpu, unit: 's' },
    { name: 'report, memory', value: report.peakMb, unit: 'MB', atMost: 512 },
    { name: 'export, CPU', value: exported.cpu, unit: 's' },
    { name: 'export, memory', value: exported.peakMb, unit: 'MB' },
    { name: 'export, files', value: parts.length, unit: '' },
    // From 128 MiB on speedscope changes to a parser that is four times slower.
    { name: 'export, largest file', value: largest / 1e6, unit: 'MB', atMost: 128 },
  ];
}

async function benchmark(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      events: { type: 'string', default: '20' },
      trace: { type: 'string' },
      long: { type: 'boolean', default: false },
      diff: { type: 'boolean', default: false },
      viewer: { type: 'boolean', default: false },
      runs: { type: 'string', default: '16' },
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const whole = [values.rounds, values.events, values.runs].every((n) => Number.isInteger(Number(n)) && Number(n) > 0);
  if (values.help || !whole) {
    process.stdout.write(
      'usage: npm run bench:profiler -- [--long | --diff [--runs N] | --viewer] [--rounds N] [--events MILLIONS] [--trace FILE] [--check] [--json]\n',
    );
    return values.help ? 0 : 2;
  }
  if (
    !values.long &&
    !values.diff &&
    !values.viewer &&
    spawnSync('uftrace', ['--version'], { stdio: 'ignore' }).status !== 0
  ) {
    process.stderr.write('uftrace: not found (apt-get install uftrace)\n');
    return 3;
  }
  const request: Request = {
    rounds: Number(values.rounds),
    events: Number(values.events) * 1e6,
    trace: values.trace,
    progress: (text) => void process.stderr.write(`${text}\n`),
  };
  const dir = temporaryDir();
  try {
    const rows = values.viewer
      ? await viewerBench(dir, request.rounds, request.progress)
      : values.diff
        ? diffBench(dir, Number(values.runs), request.progress)
        : values.long
          ? long(request, dir)
          : compare(request, dir);
    if (values.json) process.stdout.write(`${JSON.stringify({ rounds: request.rounds, rows }, null, 2)}\n`);
    else printRows(rows);
    return values.check && !rows.every(met) ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await benchmark();
