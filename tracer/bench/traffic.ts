// SPDX-License-Identifier: MIT
// What recording costs a real driver under traffic: the e1000e sample, TCP in both directions, untraced and traced runs in turn.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, type Row } from './rows.js';

const main = fileURLToPath(new URL('../../profiler/cli/main.js', import.meta.url));
const exec = promisify(execFile);

interface Flow {
  readonly bytes: number;
  readonly mbitPerSecond: number;
}
interface RunJson {
  readonly results: readonly { readonly workload: string; readonly out?: Flow; readonly in?: Flow }[];
  readonly countersAfter: readonly { readonly cpuNs?: number }[];
  readonly trace?: { readonly recorded: number; readonly lost: number };
}

/** Of one run: megabits a second and the driver process's CPU time per byte, for each direction. */
interface Sample {
  readonly outRate: number;
  readonly inRate: number;
  readonly outCpu: number;
  readonly inCpu: number;
  readonly lost: number;
  readonly bytesPerEvent: number;
}

const VARIANTS = {
  plain: ['run', 'e1000e'],
  default: ['record', 'e1000e', '--no-findings'],
  // All categories but the bytes of packets, all functions of the driver.
  all: ['record', 'e1000e', '--no-findings', '--events', 'all,-packet', '--functions', '*'],
} as const;
type Variant = keyof typeof VARIANTS;

async function sample(variant: Variant, megabytes: number, dir: string): Promise<Sample> {
  const file = join(dir, 'x.ddet');
  const output = variant === 'plain' ? [] : ['-o', file];
  const bytes = ['--bytes', `${megabytes}M`];
  const workload = [
    'ping',
    '--count',
    '1',
    '+',
    'tcp',
    ...bytes,
    '--direction',
    'out',
    '+',
    'tcp',
    ...bytes,
    '--direction',
    'in',
  ];
  const args = [main, ...VARIANTS[variant], '--json', ...output, '--', ...workload];
  const { stdout } = await exec(process.execPath, args, { maxBuffer: 64 << 20, timeout: 600_000 });
  const { results, countersAfter, trace } = JSON.parse(stdout) as RunJson;
  const [out, back] = [results[1]?.out, results[2]?.in];
  const [before, between, after] = countersAfter.map((c) => c.cpuNs ?? Number.NaN);
  if (out === undefined || back === undefined) throw new Error(`no throughput in the result of: ${args.join(' ')}`);
  return {
    outRate: out.mbitPerSecond,
    inRate: back.mbitPerSecond,
    outCpu: ((between as number) - (before as number)) / out.bytes,
    inCpu: ((after as number) - (between as number)) / back.bytes,
    lost: trace?.lost ?? 0,
    bytesPerEvent: trace === undefined ? 0 : statSync(file).size / trace.recorded,
  };
}

/** Ratios are taken inside a round, then the median of all rounds. */
export async function trafficRows(rounds: number, megabytes: number, progress: (text: string) => void): Promise<Row[]> {
  const all: Record<Variant, Sample>[] = [];
  const dir = mkdtempSync(join(tmpdir(), 'dde-bench-'));
  try {
    await sample('plain', 1, dir); // builds the driver, warms the caches
    for (let i = 0; i < rounds; i++) {
      const round: Partial<Record<Variant, Sample>> = {};
      // The order changes from round to round: what one run leaves behind does not meet the same other one every time.
      const names = Object.keys(VARIANTS) as Variant[];
      for (let k = 0; k < names.length; k++) {
        const name = names[(k + i) % names.length] as Variant;
        round[name] = await sample(name, megabytes, dir);
      }
      all.push(round as Record<Variant, Sample>);
      const { plain, default: traced } = round as Record<Variant, Sample>;
      progress(
        `traffic ${i + 1} of ${rounds}: ${Math.round(plain.outRate)}/${Math.round(plain.inRate)} Mbit/s untraced, ` +
          `${Math.round(traced.outRate)}/${Math.round(traced.inRate)} traced`,
      );
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  const ratio = (variant: Variant, key: keyof Sample): number => median(all.map((r) => r[variant][key] / r.plain[key]));
  const most = (variant: Variant, key: keyof Sample): number => Math.max(...all.map((r) => r[variant][key]));
  const rows: Row[] = [];
  const texts = { default: 'default trace', all: 'everything on' } as const;
  for (const [variant, atLeast, atMost] of [
    ['default', 0.95, undefined],
    ['all', 0.85, 1.3],
  ] as const) {
    const name = texts[variant];
    for (const way of ['out', 'in'] as const) {
      rows.push({
        name: `TCP ${way}, ${name} / untraced, throughput`,
        value: ratio(variant, `${way}Rate`),
        unit: 'x',
        atLeast,
      });
      rows.push({
        name: `TCP ${way}, ${name} / untraced, CPU a byte`,
        value: ratio(variant, `${way}Cpu`),
        unit: 'x',
        ...(atMost === undefined ? {} : { atMost }),
      });
    }
    rows.push({ name: `${name}: events lost in any run`, value: most(variant, 'lost'), unit: '', atMost: 0 });
    rows.push({
      name: `${name}: bytes an event on disk`,
      value: most(variant, 'bytesPerEvent'),
      unit: '',
      atMost: variant === 'default' ? 2.5 : 8,
    });
  }
  return rows;
}
