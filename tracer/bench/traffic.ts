// SPDX-License-Identifier: MIT
// What recording costs a real driver under traffic. One transfer of the e1000e sample goes on and on, and is recorded now and then: two
// processes with the same work differ by a tenth from run to run, one process before, during and after a recording by a fiftieth.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { median, type Row } from './rows.js';
import { goesWithUs, temporaryDir } from './temporary.js';

const main = fileURLToPath(new URL('../../profiler/cli/main.js', import.meta.url));

const VARIANTS = {
  default: [],
  /** All categories but the bytes of packets, all functions of the driver. */
  all: ['--events', 'all,-packet', '--functions', '*'],
} as const;
type Variant = keyof typeof VARIANTS;

/** Long enough for TCP and the caches to settle, and for the driver's link to come up. */
const LINK_MS = 60_000;
const WARM_MS = 1500;
const SETTLE_MS = 300;
const SEGMENT_MS = 1500;
/** One recording takes about 8 s. */
const MOST_SECONDS = 30;

/** Bytes a second over the loopback, and CPU nanoseconds a byte. */
interface Segment {
  readonly rate: number;
  readonly driver: number;
  readonly all: number;
}

interface Recorded {
  readonly on: Segment;
  readonly before: Segment;
  readonly after: Segment;
  readonly lost: number;
  readonly bytesPerEvent: number;
}

function loopbackBytes(): number {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((text) => text.trim().startsWith('lo:'));
  return Number(line?.trim().split(/\s+/)[1]);
}

/** CPU time of a thread or, of all its threads, of a process; 0 when it is gone. */
function cpuNs(pid: number, thread?: number): number {
  try {
    const threads = thread === undefined ? readdirSync(`/proc/${pid}/task`) : [thread];
    const times = threads.map((tid) => readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]);
    return times.reduce((sum, ns) => sum + Number(ns), 0);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

async function segment(driver: number, others: readonly number[]): Promise<Segment> {
  const cpu = (): [number, number] => [cpuNs(driver), others.reduce((sum, pid) => sum + cpuNs(pid), 0)];
  const begin = { at: performance.now(), bytes: loopbackBytes(), cpu: cpu() };
  await delay(SEGMENT_MS);
  const bytes = loopbackBytes() - begin.bytes;
  const rate = (bytes * 1000) / (performance.now() - begin.at);
  const end = cpu();
  const own = end[0] - begin.cpu[0];
  return { rate, driver: own / bytes, all: (own + end[1] - begin.cpu[1]) / bytes };
}

/** The recorder writes its names once it records, which takes a core a moment. */
async function settled(pid: number, file: string): Promise<void> {
  for (let i = 0; i < 200 && !existsSync(file); i++) await delay(50);
  for (let i = 0, last = 0; i < 100; i++) {
    const now = cpuNs(pid, pid);
    if (i > 2 && now - last < 6e6) break;
    last = now;
    await delay(200);
  }
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => void (child.exitCode === null ? child.once('exit', resolve) : resolve(child.exitCode)));

async function recorded(driver: number, others: readonly number[], variant: Variant, file: string): Promise<Recorded> {
  const before = await segment(driver, others);
  const args = [main, 'attach', String(driver), '--json', '--no-findings', '-o', file, ...VARIANTS[variant]];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  goesWithUs(child);
  let [text, complaints] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    complaints += part.toString();
  });
  try {
    await settled(child.pid as number, file);
    const on = await segment(driver, [...others, child.pid as number]);
    child.kill('SIGINT');
    if ((await ended(child)) === null || text === '') throw new Error(`attach: ${complaints}`);
    const { trace } = JSON.parse(text) as { trace: { recorded: number; lost: number; bytes: number } };
    await delay(SETTLE_MS);
    const after = await segment(driver, others);
    return { before, on, after, lost: trace.lost, bytesPerEvent: trace.bytes / trace.recorded };
  } finally {
    child.kill('SIGKILL');
    rmSync(file, { force: true });
  }
}

/** Waits until the transfer goes on; returns the driver process. */
async function underWay(child: ChildProcess): Promise<number> {
  const over = performance.now() + LINK_MS;
  while (performance.now() < over && child.exitCode === null) {
    const bytes = loopbackBytes();
    await delay(200);
    const [driver] = childrenOf(child.pid as number);
    if (driver !== undefined && loopbackBytes() - bytes > 5e6) return driver;
  }
  throw new Error('the transfer did not begin: try `dde-profile run e1000e -- tcp`');
}

type Round = Record<Variant, Recorded>;

async function direction(
  way: 'out' | 'in',
  rounds: number,
  dir: string,
  progress: (text: string) => void,
): Promise<Round[]> {
  // It ends by itself when this process was killed.
  const seconds = 60 + rounds * Object.keys(VARIANTS).length * MOST_SECONDS;
  const workload = ['--', 'tcp', '--bytes', '1000000G', '--duration', String(seconds), '--direction', way];
  const child = spawn(process.execPath, [main, 'run', 'e1000e', ...workload], { stdio: 'ignore' });
  goesWithUs(child);
  const all: Round[] = [];
  try {
    const driver = await underWay(child);
    const others = [child.pid as number, ...childrenOf(driver)];
    await delay(WARM_MS);
    for (let i = 0; i < rounds; i++) {
      const round = {} as Round;
      const names = Object.keys(VARIANTS) as Variant[];
      for (let k = 0; k < names.length; k++) {
        const name = names[(k + i) % names.length] as Variant;
        round[name] = await recorded(driver, others, name, join(dir, 'x.ddet'));
      }
      all.push(round);
      const rates = names.map((name) => `${name} ${ratio(round[name], 'rate').toFixed(3)}`);
      progress(`TCP ${way}, round ${i + 1} of ${rounds}, of the untraced throughput: ${rates.join(', ')}`);
    }
  } finally {
    child.kill('SIGINT');
    await ended(child);
  }
  return all;
}

/** Against the time before and after, so that what changes slowly does not count. */
function ratio({ on, before, after }: Recorded, key: keyof Segment): number {
  return on[key] / ((before[key] + after[key]) / 2);
}

export interface TrafficResult {
  readonly rows: Row[];
  /** Half of the untraced seconds lie within a tenth of their median: else the figures say little. */
  readonly quiet: boolean;
}

export async function trafficRows(rounds: number, progress: (text: string) => void): Promise<TrafficResult> {
  const dir = temporaryDir();
  const ways = { out: await direction('out', rounds, dir, progress), in: await direction('in', rounds, dir, progress) };
  const rows: Row[] = [];
  for (const [variant, name, atLeast, atMost, size] of [
    ['default', 'default trace', 0.95, undefined, 2.5],
    ['all', 'everything on', 0.85, 1.3, 8],
  ] as const) {
    for (const [way, all] of Object.entries(ways)) {
      const of = (key: keyof Segment): number => median(all.map((round) => ratio(round[variant], key)));
      const title = `TCP ${way}, ${name} / untraced`;
      rows.push({ name: `${title}, throughput`, value: of('rate'), unit: 'x', atLeast });
      rows.push({ name: `${title}, CPU a byte of the driver process`, value: of('driver'), unit: 'x' });
      // The run is the driver, its device and the peer; what the recorder takes comes on top.
      rows.push({
        name: `${title}, CPU a byte of the run`,
        value: of('all'),
        unit: 'x',
        ...(atMost !== undefined && { atMost }),
      });
    }
    const recordings = Object.values(ways).flatMap((all) => all.map((round) => round[variant]));
    const lost = Math.max(...recordings.map((one) => one.lost));
    rows.push({ name: `${name}: events lost in any recording`, value: lost, unit: '', atMost: 0 });
    const bytes = median(recordings.map((one) => one.bytesPerEvent));
    rows.push({ name: `${name}: bytes an event on disk`, value: bytes, unit: '', atMost: size });
  }
  const quiet = Object.values(ways).every((all) => {
    const rates = all.flatMap((round) =>
      Object.values(round).flatMap(({ before, after }) => [before.rate, after.rate]),
    );
    const middle = median(rates);
    return median(rates.map((rate) => Math.abs(rate - middle))) / middle < 0.1;
  });
  return { rows, quiet };
}
