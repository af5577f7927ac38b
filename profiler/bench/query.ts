// SPDX-License-Identifier: MIT
// `npm run bench:query [-- --events M --rounds N --trace FILE --long --check --json]`: a recording into the SQL engine's tables, a
// question over all calls, and beside it uftrace's way: `uftrace dump --chrome`, read by the same engine. Rates are of CPU time, as a busy
// machine leaves that alone, and of time; a quiet machine with two cores is what the goals are for. --long: 100 million events.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { temporaryDir } from '../../tracer/bench/temporary.js';
import { attach, defineViews, Engine, type TableSet } from '../query/index.js';
import { lengthen } from './lengthen.js';
import { cost, main, median, met, printRows, type Row, tool } from './measure.js';
import { asUftrace } from './uftrace-data.js';

const source = fileURLToPath(new URL('../../../profiler/bench/calls.c', import.meta.url));
const P99 =
  'SELECT name, count(*) AS calls, quantile_disc(dur, 0.99) AS p99 FROM slice GROUP BY name ORDER BY calls DESC';

function recordedEvents(file: string): number {
  const { overview } = JSON.parse(tool(['report', file, '--by', 'threads', '--json'])) as {
    overview: { accounting: { recorded: number } };
  };
  return overview.accounting.recorded;
}

function sizeOf(dir: string): number {
  return readdirSync(dir, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(dir, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size);
  }, 0);
}

async function drain(engine: Engine, sql: string): Promise<number> {
  const began = performance.now();
  const rows = await engine.query(sql);
  while ((await rows.next()) !== undefined);
  return performance.now() - began;
}

/** The same question again and again, in one process, as at the prompt. */
async function warm(set: TableSet, rounds: number): Promise<number> {
  const engine = await Engine.open({ read: [set.dir] });
  try {
    await attach(engine, [set]);
    await defineViews(engine, [set]);
    await drain(engine, P99);
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) times.push(await drain(engine, P99));
    return median(times);
  } finally {
    engine.close();
  }
}

/** uftrace's own way to the same engine: its Chrome JSON, read as JSON. */
async function uftraceRows(dir: string, file: string, events: number): Promise<Row[]> {
  const data = join(dir, 'uftrace');
  const calls = asUftrace(file, data, source);
  const json = join(dir, 'chrome.json');
  const dumped = cost('uftrace', ['dump', '--chrome', '-d', data], json);
  const engine = await Engine.open({ read: [], files: [dir], memory: 3000 });
  try {
    const began = performance.now();
    await drain(
      engine,
      `CREATE TABLE chrome AS SELECT e.name, e.ph, e.ts, e.pid FROM
       (SELECT unnest(traceEvents) AS e FROM read_json('${json}', maximum_object_size = 4000000000,
        columns = {traceEvents: 'STRUCT(name VARCHAR, ph VARCHAR, ts DOUBLE, pid BIGINT)[]'}))`,
    );
    const seconds = (performance.now() - began) / 1000;
    return [
      {
        name: 'uftrace dump --chrome into the engine',
        value: calls / (dumped.seconds + seconds) / 1e6,
        unit: 'M events/s',
      },
      { name: 'its JSON', value: statSync(json).size / calls, unit: 'bytes/event' },
    ];
  } catch (error) {
    process.stderr.write(
      `uftrace's JSON of ${events} events into the engine: ${(error as Error).message.split('\n')[0]}\n`,
    );
    return [{ name: 'uftrace dump --chrome alone', value: calls / dumped.seconds / 1e6, unit: 'M events/s' }];
  } finally {
    engine.close();
  }
}

async function compare(
  dir: string,
  given: string | undefined,
  events: number,
  rounds: number,
  long: boolean,
): Promise<Row[]> {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const one = given ?? join(dir, 'one.ddet');
  if (given === undefined) {
    say('record');
    tool([
      'record',
      'e1000e',
      '-o',
      one,
      '--functions',
      '*',
      '--events',
      'sched',
      '--no-findings',
      '--',
      'tcp',
      '--duration',
      '4',
    ]);
  }
  const file = join(dir, 'long.ddet');
  const count = lengthen(one, file, Math.ceil(events / recordedEvents(one)));
  const loads: { cpu: number; seconds: number; peakMb: number }[] = [];
  const out = join(dir, 'tables');
  // Of its own, so that each load is one.
  const cache = join(dir, 'cache');
  for (let i = 0; i < (long ? 1 : rounds); i++) {
    say(`load ${i + 1}`);
    rmSync(cache, { recursive: true, force: true });
    loads.push(cost('env', [`DDE_PROFILE_CACHE=${cache}`, process.execPath, main, 'query', file, 'SELECT 1']));
  }
  say('export');
  tool(['export', file, '--format', 'parquet', '-o', out]);
  const [name = ''] = readdirSync(out);
  const set = { recording: 'bench', dir: join(out, name) };
  say('ask');
  const question = await warm(set, rounds);
  const asked = cost(process.execPath, [main, 'query', out, P99]);
  const rows: Row[] = [
    { name: 'events', value: count / 1e6, unit: 'M' },
    { name: 'load', value: median(loads.map((l) => count / l.seconds)) / 1e6, unit: 'M events/s', atLeast: 3 },
    { name: 'load, by CPU time', value: median(loads.map((l) => count / l.cpu)) / 1e6, unit: 'M events/s' },
    { name: 'load, memory', value: Math.max(...loads.map((l) => l.peakMb)), unit: 'MB', atMost: 1024 },
    { name: 'tables', value: sizeOf(set.dir) / count, unit: 'bytes/event', atMost: 4 },
    { name: 'group by name with p99, warm', value: question, unit: 'ms', ...(long ? {} : { atMost: 300 }) },
    { name: 'the same as a command', value: asked.seconds * 1000, unit: 'ms' },
    { name: 'its memory', value: asked.peakMb, unit: 'MB', atMost: 1024 },
  ];
  if (long || spawnSync('uftrace', ['--version'], { stdio: 'ignore' }).status !== 0) return rows;
  say('uftrace');
  return [...rows, ...(await uftraceRows(dir, file, count))];
}

async function benchmark(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      events: { type: 'string', default: '20' },
      trace: { type: 'string' },
      long: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [rounds, events] = [Number(values.rounds), Number(values.events)];
  if (values.help || !(rounds > 0 && events > 0) || (values.trace !== undefined && !existsSync(values.trace))) {
    process.stdout.write(
      'usage: npm run bench:query -- [--long] [--rounds N] [--events MILLIONS] [--trace FILE] [--check] [--json]\n',
    );
    return values.help ? 0 : 2;
  }
  const dir = temporaryDir();
  try {
    const rows = await compare(dir, values.trace, (values.long ? 100 : events) * 1e6, rounds, values.long);
    if (values.json) process.stdout.write(`${JSON.stringify({ rounds, rows }, null, 2)}\n`);
    else printRows(rows);
    return values.check && !rows.every(met) ? 1 : 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

process.exitCode = await benchmark();
