// SPDX-License-Identifier: MIT
// `npm run bench:exec [-- --rounds N --only PART --check --json]`: what it costs that a program's system calls are carried out in the driver
// process. Medians of the rounds; in each round what is compared runs one after the other.
import { execFileSync, spawn } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { goesWithUs, temporaryDir } from '../../tracer/bench/temporary.js';
import { freeTcpPort } from '../run/peer/index.js';
import { projectRoot } from '../setup/root.js';
import { median, met, printRows, type Row, tool } from './measure.js';

const CALLS = 20_000;
const IMAGE = 256 << 20;
const SECONDS = 3;

type Figures = Readonly<Record<string, number>>;

/** What a program printed on a driver, and what the tool said of it. */
const program = (driver: readonly string[], words: readonly string[]): string =>
  tool(['run', ...driver, '--', 'exec', ...words]);

/** The result of a built-in workload. */
function builtIn(driver: readonly string[], words: readonly string[]): Readonly<Record<string, unknown>> {
  const { results } = JSON.parse(tool(['run', ...driver, '--json', '--', ...words])) as {
    results: readonly Readonly<Record<string, unknown>>[];
  };
  return results[0] ?? {};
}

async function calls(dir: string): Promise<Figures> {
  const refused = join(dir, 'refused');
  execFileSync('gcc', ['-O2', '-o', refused, join(projectRoot, 'profiler/bench/refused.c')]);
  const host = execFileSync(refused, ['/dev/null', String(CALLS * 10)], { encoding: 'utf8' });
  const ours = program([join(projectRoot, 'samples/edu')], [refused, '/dev/edu0', String(CALLS)]);
  return { host: Number(host) / 1000, ours: Number(/^\d+\.\d$/m.exec(ours)?.[0]) / 1000 };
}

async function disk(dir: string): Promise<Figures> {
  const image = join(dir, 'disk');
  writeFileSync(image, '');
  truncateSync(image, IMAGE);
  const driver = ['nvme', '--drive', image];
  const block = Number(builtIn(driver, ['block', '--writes', '1'])['readMbPerSecond']);
  // dd tells on stderr.
  const said = program(driver, ['sh', '-c', 'dd if=/dev/nvme0n1 of=/dev/null bs=128k iflag=direct 2>&1']);
  const dd = IMAGE / 1e6 / Number(/copied, ([\d.e-]+) s/.exec(said)?.[1]);
  return { block, dd, 'dd-ratio': dd / block };
}

/** Mbit/s that arrived, of iperf3's own JSON, with what the tool says behind it. */
function arrived(said: string): number {
  const { end } = JSON.parse(said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1)) as {
    end: { sum_received: { bits_per_second: number } };
  };
  return end.sum_received.bits_per_second / 1e6;
}

async function network(): Promise<Figures> {
  const port = String(await freeTcpPort());
  const server = spawn('iperf3', ['-s', '-B', '127.0.0.1', '-p', port], { stdio: 'ignore' });
  goesWithUs(server);
  try {
    await delay(300);
    const figures: Record<string, number> = {};
    const tcp = builtIn(['e1000e'], ['tcp', '--duration', String(SECONDS)]);
    for (const way of ['out', 'in']) {
      // 10.0.2.2 is this host, as the network of QEMU shows it.
      const words = [
        'iperf3',
        '-c',
        '10.0.2.2',
        '-p',
        port,
        '-t',
        String(SECONDS),
        '-J',
        ...(way === 'in' ? ['-R'] : []),
      ];
      const ours = (tcp[way] as { readonly mbitPerSecond: number } | undefined)?.mbitPerSecond ?? Number.NaN;
      figures[`tcp-${way}`] = ours;
      figures[`iperf-${way}-ratio`] = arrived(program(['e1000e'], words)) / ours;
    }
    return figures;
  } finally {
    server.kill();
  }
}

const PARTS = { calls, disk, network } as const;
type Part = keyof typeof PARTS;

/** The figure of each row, in its part. */
const ROWS: Readonly<Record<Part, Readonly<Record<string, Omit<Row, 'value'>>>>> = {
  calls: {
    host: { name: "ioctl that the host's own null device refuses", unit: 'us' },
    ours: { name: 'ioctl that a driver refuses, there and back', unit: 'us' },
  },
  disk: {
    block: { name: 'built-in block: nvme, reads, hashed', unit: 'MB/s' },
    dd: { name: 'dd from nvme, 128 KiB, direct', unit: 'MB/s' },
    'dd-ratio': { name: 'dd against built-in block', unit: 'x', atLeast: 0.5 },
  },
  network: {
    'tcp-out': { name: 'built-in tcp, out', unit: 'Mbit/s' },
    'tcp-in': { name: 'built-in tcp, in', unit: 'Mbit/s' },
    'iperf-out-ratio': { name: 'iperf3 out against built-in tcp', unit: 'x', atLeast: 0.5 },
    'iperf-in-ratio': { name: 'iperf3 in against built-in tcp', unit: 'x', atLeast: 0.5 },
  },
};

async function benchmark(): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      only: { type: 'string' },
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const names = Object.keys(PARTS) as Part[];
  const wanted = names.filter((name) => values.only === undefined || name === values.only);
  if (!(rounds > 0) || wanted.length === 0) {
    process.stderr.write(`usage: npm run bench:exec -- [--rounds N] [--only ${names.join('|')}] [--check] [--json]\n`);
    return 2;
  }
  const dir = temporaryDir();
  const seen = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const name of wanted) {
      process.stderr.write(`round ${round}/${rounds}: ${name}\n`);
      for (const [key, value] of Object.entries(await PARTS[name](dir)))
        seen.set(key, [...(seen.get(key) ?? []), value]);
    }
  }
  const rows = wanted.flatMap((name) =>
    Object.entries(ROWS[name]).map(([key, row]): Row => ({ ...row, value: median(seen.get(key) ?? []) })),
  );
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds, rows }, null, 2)}\n`);
  else printRows(rows);
  return values.check && !rows.every(met) ? 1 : 0;
}

process.exitCode = await benchmark();
