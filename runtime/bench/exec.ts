// SPDX-License-Identifier: MIT
// `npm run bench:exec [-- --rounds N --check --json]`: what it costs that a program's system calls are carried out in the driver process.
// Medians of the rounds; in each round what is compared runs one after the other.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { median } from './measure.js';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly atLeast?: number;
}

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const main = join(root, 'dist/profiler/cli/main.js');
const CALLS = 20_000;
const IMAGE = 256 << 20;

interface Ended {
  readonly results: readonly Readonly<Record<string, unknown>>[];
  /** What the program has printed. */
  readonly printed: string;
}

async function tool(args: readonly string[]): Promise<Ended> {
  const { stdout, stderr } = await run(process.execPath, [main, 'run', '--json', ...args], {
    maxBuffer: 64 << 20,
    timeout: 600_000,
  });
  return { results: (JSON.parse(stdout) as { results: Ended['results'] }).results, printed: stderr };
}

async function calls(dir: string): Promise<Record<string, number>> {
  const program = join(dir, 'calls');
  execFileSync('gcc', ['-O2', '-o', program, join(root, 'runtime/bench/calls.c')]);
  const host = await run(program, ['/dev/null', String(CALLS * 10)]);
  const ours = await tool([join(root, 'samples/edu'), '--', 'exec', program, '/dev/edu0', String(CALLS)]);
  return { host: Number(host.stdout), ours: Number(/^\d+\.\d$/m.exec(ours.printed)?.[0]) };
}

async function disk(dir: string): Promise<Record<string, number>> {
  const image = join(dir, 'disk');
  writeFileSync(image, '');
  truncateSync(image, IMAGE);
  const driver = ['nvme', '--drive', image, '--'];
  const builtIn = await tool([...driver, 'block', '--writes', '1']);
  const dd = ['dd', 'if=/dev/nvme0n1', 'of=/dev/null', 'bs=128k', 'iflag=direct'];
  const program = await tool([...driver, 'exec', ...dd]);
  const seconds = Number(/copied, ([\d.e-]+) s/.exec(program.printed)?.[1]);
  return { block: Number(builtIn.results[0]?.['readMbPerSecond']), dd: IMAGE / 1e6 / seconds };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function network(seconds: number): Promise<Record<string, number>> {
  const port = await freePort();
  const server = spawn('iperf3', ['-s', '-B', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  try {
    await delay(300);
    const result: Record<string, number> = {};
    const builtIn = await tool(['e1000e', '--', 'tcp', '--duration', `${seconds}s`]);
    for (const way of ['out', 'in'] as const) {
      // 10.0.2.2 is this host, as the network of QEMU shows it.
      const words = ['iperf3', '-c', '10.0.2.2', '-p', String(port), '-t', String(seconds), '-J'];
      const { printed } = await tool(['e1000e', '--', 'exec', ...words, ...(way === 'in' ? ['-R'] : [])]);
      const end = JSON.parse(printed.slice(printed.indexOf('{'), printed.lastIndexOf('}') + 1)) as {
        end: { sum_received: { bits_per_second: number } };
      };
      result[`iperf-${way}`] = end.end.sum_received.bits_per_second / 1e6;
      const flow = builtIn.results[0]?.[way] as { readonly mbitPerSecond: number } | undefined;
      result[`tcp-${way}`] = flow?.mbitPerSecond ?? Number.NaN;
    }
    return result;
  } finally {
    server.kill();
  }
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const parts = { calls, disk, network: () => network(3) };
const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
const seen = new Map<string, number[]>();
try {
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, part] of Object.entries(parts)) {
      if (options.only !== undefined && options.only !== name) continue;
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kround ${round + 1}/${options.rounds}: ${name}`);
      for (const [key, value] of Object.entries(await part(dir))) seen.set(key, [...(seen.get(key) ?? []), value]);
    }
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

const of = (key: string): number => median(seen.get(key) ?? [Number.NaN]);
const ratio = (a: string, b: string): number =>
  median((seen.get(a) ?? []).map((value, i) => value / (seen.get(b)?.[i] ?? Number.NaN)));
const all: readonly (Row & { readonly of: string })[] = [
  { of: 'calls', name: "ioctl of the host's own /dev/null", value: of('host') / 1000, unit: 'us' },
  { of: 'calls', name: 'ioctl of a driver here, from the program and back', value: of('ours') / 1000, unit: 'us' },
  { of: 'disk', name: 'built-in block: nvme, 128 KiB reads, hashed', value: of('block'), unit: 'MB/s' },
  { of: 'disk', name: 'dd from nvme, 128 KiB, direct', value: of('dd'), unit: 'MB/s' },
  { of: 'disk', name: 'dd against built-in block', value: ratio('dd', 'block'), unit: 'x', atLeast: 0.5 },
  { of: 'network', name: 'built-in tcp, out', value: of('tcp-out'), unit: 'Mbit/s' },
  { of: 'network', name: 'built-in tcp, in', value: of('tcp-in'), unit: 'Mbit/s' },
  {
    of: 'network',
    name: 'iperf3 out against built-in tcp',
    value: ratio('iperf-out', 'tcp-out'),
    unit: 'x',
    atLeast: 0.5,
  },
  {
    of: 'network',
    name: 'iperf3 in against built-in tcp',
    value: ratio('iperf-in', 'tcp-in'),
    unit: 'x',
    atLeast: 0.5,
  },
];
const rows = all.filter((row) => options.only === undefined || row.of === options.only);
const missed = rows.filter((row) => row.atLeast !== undefined && !(row.value >= row.atLeast));
if (options.json) console.log(JSON.stringify(rows));
else
  for (const row of rows) {
    const goal =
      row.atLeast === undefined ? '' : `goal at least ${row.atLeast}${missed.includes(row) ? '   MISSED' : ''}`;
    console.log(`${row.name.padEnd(52)} ${row.value.toFixed(2).padStart(9)} ${row.unit.padEnd(7)} ${goal}`);
  }
process.exitCode = options.check && missed.length > 0 ? 1 : 0;
