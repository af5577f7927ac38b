// SPDX-License-Identifier: MIT
// npm run bench:inspector [-- --rounds N --check --json]: how long a client waits, and what a pause costs the driver.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import CDP from 'chrome-remote-interface';
import { projectRoot } from '../../profiler/setup/index.js';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly goal: number;
  readonly unit: string;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    pause: { type: 'string', default: '60' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ROUNDS = Number(options.rounds);
const PAUSE_S = Number(options.pause);

function percentile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const begun = performance.now();
  const result = await work();
  return [performance.now() - begun, result];
}

/** The inspected driver under traffic, and its port. */
async function start(): Promise<{ child: ChildProcess; port: number; ended: Promise<string> }> {
  const seconds = String(120 + ROUNDS / 2);
  const main = join(projectRoot, 'dist/profiler/cli/main.js');
  const args = [
    main,
    'inspect',
    'e1000e',
    '--port',
    '0',
    '--json',
    '--',
    'tcp',
    '--duration',
    seconds,
    '--direction',
    'in',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill('SIGINT'));
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(stdout)));
  const port = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += chunk;
      const found = /Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once('exit', (code) => reject(new Error(`inspect ended with ${code}: ${text}`)));
  });
  return { child, port, ended };
}

async function measure(client: CDP.Client, pid: number): Promise<Row[]> {
  const { Debugger, Runtime } = client;
  const scripts = new Map<string, string>();
  Debugger.scriptParsed(({ url, scriptId }) => scripts.set(url, scriptId));
  await Runtime.enable();
  const [sources] = await timed(() => Debugger.enable({}));
  const [url, scriptId] = [...scripts].find(([one]) => one.endsWith('e1000e/netdev.c')) as [string, string];
  const [file, { scriptSource }] = await timed(() => Debugger.getScriptSource({ scriptId }));
  const lineNumber = scriptSource.split('\n').findIndex((line) => line.includes('i = rx_ring->next_to_clean;'));
  await new Promise((resolve) => setTimeout(resolve, 8000));

  const evaluations: number[] = [];
  for (let i = 0; i < ROUNDS; i++)
    evaluations.push((await timed(() => Runtime.evaluate({ expression: 'jiffies_64' })))[0]);
  const sets: number[] = [];
  for (let i = 0; i < ROUNDS / 10; i++) {
    const condition = `rx_ring->count == ${i}`;
    const [time, { breakpointId }] = await timed(() => Debugger.setBreakpointByUrl({ url, lineNumber, condition }));
    sets.push(time);
    await Debugger.removeBreakpoint({ breakpointId });
  }
  let paused = Debugger.paused();
  const breakpoint = await Debugger.setBreakpointByUrl({ url, lineNumber });
  await paused;
  await Debugger.removeBreakpoint(breakpoint);
  const steps: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    paused = Debugger.paused();
    const [time] = await timed(async () => {
      await Debugger.stepOver({});
      await paused;
    });
    steps.push(time);
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_S * 1000));
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  await Debugger.resume({});
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const retransmitted = await Runtime.evaluate({ expression: 'init_net.mib.tcp_statistics->mibs[12]' });
  return [
    { name: 'sources after connect', value: sources, goal: 3000, unit: 'ms' },
    { name: 'a file opens', value: file, goal: 300, unit: 'ms' },
    { name: 'step to paused, p99', value: percentile(steps, 0.99), goal: 30, unit: 'ms' },
    { name: 'evaluate while running, p99', value: percentile(evaluations, 0.99), goal: 15, unit: 'ms' },
    { name: 'breakpoint set while running, p99', value: percentile(sets, 0.99), goal: 100, unit: 'ms' },
    { name: 'memory of the server', value: Number(rss) / 1024, goal: 400, unit: 'MiB' },
    // RetransSegs of /proc/net/snmp.
    {
      name: `TCP retransmissions after ${PAUSE_S} s of pause`,
      value: Number(retransmitted.result.value),
      goal: 0,
      unit: '',
    },
  ];
}

const { child, port, ended } = await start();
const client = await CDP({ host: '127.0.0.1', port });
const rows = await measure(client, child.pid as number);
await client.close();
child.kill('SIGINT');
await ended;
if (options.json) console.log(JSON.stringify(rows));
else
  for (const { name, value, goal, unit } of rows)
    console.log(
      `${name.padEnd(48)} ${value.toFixed(1).padStart(9)} ${unit.padEnd(4)} goal at most ${goal}${value <= goal ? '' : '   MISSED'}`,
    );
process.exitCode = options.check && rows.some(({ value, goal }) => !(value <= goal)) ? 1 : 0;
