// SPDX-License-Identifier: MIT
// `npm run bench:runtime [-- --rounds N --check --json]`: what the runtime costs, with real traffic on the e1000e sample.
// Times are medians of the rounds; traced and untraced runs take turns. Counts per frame use 1448 bytes of TCP payload a frame.
import { parseArgs } from 'node:util';
import { grown, median, record, run } from './measure.js';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The value must be at most (or at least) this. */
  readonly goal: { readonly atMost?: number; readonly atLeast?: number };
}

const PAYLOAD = 1448;

const met = ({ value, goal }: Row): boolean =>
  value <= (goal.atMost ?? Number.POSITIVE_INFINITY) && value >= (goal.atLeast ?? Number.NEGATIVE_INFINITY);

interface Flow {
  readonly bytes: number;
  readonly mbitPerSecond: number;
}

async function boot(rounds: number, progress: (text: string) => void): Promise<Row[]> {
  const probe: number[] = [];
  const ping: number[] = [];
  for (let i = 0; i < rounds; i++) {
    progress(`boot ${i + 1}/${rounds}`);
    const json = await run(['--irq', 'intx'], 'ping --count 1');
    probe.push(json.devices[0]?.atMs ?? Number.NaN);
    ping.push(Number(json.results[0]?.['firstReplyAtMs']));
  }
  return [
    { name: 'boot to probe, INTx', value: median(probe), unit: 'ms', goal: { atMost: 300 } },
    { name: 'boot to first ping, INTx', value: median(ping), unit: 'ms', goal: { atMost: 800 } },
  ];
}

async function traffic(rounds: number, progress: (text: string) => void): Promise<Row[]> {
  const workloads = 'ping --count 1 + tcp --bytes 200M --direction out + tcp --bytes 200M --direction in';
  const values = new Map<string, number[]>();
  const add = (name: string, value: number): void => {
    values.set(name, [...(values.get(name) ?? []), value]);
  };
  for (let i = 0; i < rounds; i++) {
    progress(`traffic ${i + 1}/${rounds}`);
    const plain = await run([], workloads);
    const traced = await record(workloads);
    let frames = 0;
    for (const [index, way] of [
      [1, 'out'],
      [2, 'in'],
    ] as const) {
      const flow = plain.results[index]?.[way] as Flow;
      const tracedFlow = traced.results[index]?.[way] as Flow;
      const count = flow.bytes / PAYLOAD;
      frames += tracedFlow.bytes / PAYLOAD;
      add(`${way}-mbit`, flow.mbitPerSecond);
      add(`${way}-traced`, tracedFlow.mbitPerSecond / flow.mbitPerSecond);
      add(`${way}-writes`, grown(plain, index, 'mmioWrites') / count);
      add(`${way}-reads`, grown(plain, index, 'mmioReads') / count);
      add(`${way}-cpu`, grown(plain, index, 'cpuNs') / count);
    }
    add('api', traced.apiCalls / frames);
    add('lost', traced.trace?.lost ?? Number.NaN);
  }
  const of = (name: string): number => median(values.get(name) ?? []);
  return [
    { name: 'TCP out, untraced', value: of('out-mbit'), unit: 'Mbit/s', goal: { atLeast: 2000 } },
    { name: 'TCP in, untraced', value: of('in-mbit'), unit: 'Mbit/s', goal: { atLeast: 1500 } },
    { name: 'TCP out, default trace against untraced', value: of('out-traced'), unit: 'x', goal: { atLeast: 0.9 } },
    { name: 'TCP in, default trace against untraced', value: of('in-traced'), unit: 'x', goal: { atLeast: 0.9 } },
    { name: 'events lost in the traced runs', value: of('lost'), unit: '', goal: { atMost: 0 } },
    { name: 'MMIO writes per frame out', value: of('out-writes'), unit: '', goal: { atMost: 0.15 } },
    { name: 'MMIO writes per frame in', value: of('in-writes'), unit: '', goal: { atMost: 0.25 } },
    { name: 'MMIO reads per frame out', value: of('out-reads'), unit: '', goal: { atMost: 0.01 } },
    { name: 'MMIO reads per frame in', value: of('in-reads'), unit: '', goal: { atMost: 0.01 } },
    { name: 'kernel-API calls per frame', value: of('api'), unit: '', goal: {} },
    { name: 'CPU of the driver process per frame out', value: of('out-cpu'), unit: 'ns', goal: {} },
    { name: 'CPU of the driver process per frame in', value: of('in-cpu'), unit: 'ns', goal: {} },
  ];
}

async function micro(rounds: number, progress: (text: string) => void): Promise<Row[]> {
  progress('micro');
  const json = await run([], `micro --rounds ${Math.max(rounds, 7)}`);
  const result = json.results[0] as Readonly<Record<string, number>> & {
    virtToPhysNs10: number[];
    mapUnmapNs10: number[];
  };
  const [few, some, many] = result.virtToPhysNs10 as [number, number, number];
  const [mapFew, , mapMany] = result.mapUnmapNs10 as [number, number, number];
  const copy = result['memcpyNs10'] as number;
  const hostCopy = result['hostMemcpyNs10'] as number;
  return [
    { name: 'virtual-CPU hand-off', value: (result['handoffNs10'] as number) / 10, unit: 'ns', goal: { atMost: 5000 } },
    {
      name: "memcpy of 1500 bytes, the port's against glibc's",
      value: copy / hostCopy,
      unit: 'x',
      goal: { atMost: 1.3 },
    },
    { name: 'virt_to_phys, 10 live mappings', value: few / 10, unit: 'ns', goal: { atMost: 10 } },
    { name: 'virt_to_phys, 1,000 live mappings', value: some / 10, unit: 'ns', goal: { atMost: 10 } },
    { name: 'virt_to_phys, 100,000 live mappings', value: many / 10, unit: 'ns', goal: { atMost: 10 } },
    {
      name: 'DMA map and unmap, 100,000 against 10 live mappings',
      value: mapMany / mapFew,
      unit: 'x',
      goal: { atMost: 2 },
    },
  ];
}

function print(row: Row): void {
  const digits = row.value >= 100 ? 0 : row.value >= 10 ? 1 : row.value >= 1 ? 2 : 3;
  const { atMost, atLeast } = row.goal;
  const goal = atMost !== undefined ? `at most ${atMost}` : atLeast !== undefined ? `at least ${atLeast}` : 'no goal';
  const verdict = goal === 'no goal' ? '' : met(row) ? 'met' : 'MISSED';
  process.stdout.write(
    `${row.name.padEnd(54)} ${row.value.toFixed(digits).padStart(9)} ${row.unit.padEnd(6)} ${goal.padEnd(16)} ${verdict}\n`,
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    check: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (values.help || !Number.isInteger(rounds) || rounds < 1) {
  process.stdout.write('usage: npm run bench:runtime -- [--rounds N] [--check] [--json]\n');
  process.exitCode = values.help ? 0 : 2;
} else {
  const progress = (text: string): void => {
    process.stderr.write(`bench: ${text}\n`);
  };
  const rows = [
    ...(await micro(rounds, progress)),
    ...(await boot(rounds, progress)),
    ...(await traffic(rounds, progress)),
  ];
  if (values.json) process.stdout.write(`${JSON.stringify(rows.map((row) => ({ ...row, met: met(row) })))}\n`);
  else for (const row of rows) print(row);
  if (values.check && !rows.every(met)) process.exitCode = 1;
}
