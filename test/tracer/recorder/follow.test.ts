// SPDX-License-Identifier: MIT
// Readers beside the recorder: each gets every event or counts it as lost, and none of them disturbs another.
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { projectRoot } from '../../../profiler/setup/root.js';
import { createTraceRegion, openRegion, siteBitmap } from '../../../tracer/recorder/addon.js';
import { openTrace, type Trace } from '../../../tracer/decode/index.js';
import { startProducer, sum } from '../support/build.js';

const ALL_SITES = siteBitmap(Array.from({ length: 64 }, (_, i) => i));
const ALL = 0xffffffff;
const addon = join(projectRoot, 'dist/tracer/recorder/addon.js');

/** Follows the region behind descriptor 3 into a file until its input ends. */
const CHILD = `
import { openRegion } from ${JSON.stringify(addon)};
const region = openRegion(3);
const drain = region.startDrain({ file: process.argv[1], metadata: {}, attach: true, follow: true });
console.log('following');
for await (const _ of process.stdin);
console.log(JSON.stringify(await drain.stop()));
region.close();`;

class Follower {
  readonly #child;
  readonly #lines;

  constructor(fd: number, file: string) {
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, file], {
      stdio: ['pipe', 'pipe', 'inherit', fd],
    });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async hear(): Promise<string> {
    return String((await this.#lines.next()).value);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async end(): Promise<{ produced: number; recorded: number; lost: number; damaged: number }> {
    (this.#child.stdin as NodeJS.WritableStream).end();
    return JSON.parse(await this.hear());
  }
}

interface Setting {
  readonly name: string;
  readonly args: readonly (string | number)[];
  readonly ringBytes: number;
  readonly lossless?: boolean;
}

const SETTINGS: readonly Setting[] = [
  {
    name: 'large rings',
    args: ['--threads', 6, '--switches', 4000, '--burst', 50],
    ringBytes: 16 << 20,
    lossless: true,
  },
  { name: 'small rings', args: ['--threads', 3, '--switches', 20000, '--burst', 50], ringBytes: 128 << 10 },
  {
    name: 'threads that come and go',
    args: ['--threads', 8, '--switches', 4000, '--burst', 10, '--churn'],
    ringBytes: 256 << 10,
  },
];

for (const { name, args, ringBytes, lossless } of SETTINGS) {
  t.test(`a recorder and two that read along: ${name}`, async (t) => {
    const dir = t.testdir();
    const fd = createTraceRegion({ ringBytes });
    const region = openRegion(fd);
    region.setControl({ categories: ALL, sites: ALL_SITES });
    const drains = [0, 1, 2].map((n) =>
      region.startDrain({ file: join(dir, `${n}.ddet`), metadata: { driver: 'synthetic' }, follow: n > 0 }),
    );
    t.equal(region.info().drainerPid, process.pid);
    const producer = startProducer(fd, join(dir, 'counts'), args);
    closeSync(fd);
    const produced = await producer.ended;
    t.equal(produced.code, 0);
    // The followers first: what the recorder has read it gives back.
    for (const [n, drain] of [...drains.entries()].reverse()) {
      const totals = await drain.stop();
      const trace = openTrace(join(dir, `${n}.ddet`));
      t.equal(totals.produced, sum(produced.begun), `${n}: produced as the writer counted`);
      t.equal(totals.damaged, 0);
      t.equal(trace.totals.produced, totals.produced);
      t.equal(trace.totals.recorded, totals.recorded);
      t.equal(eventsOf(trace), totals.recorded, 'all come out of the file');
      t.strictSame(trace.corrupt, []);
      if (lossless === true) t.equal(totals.lost, 0, 'nothing is lost');
    }
    t.equal(region.info().drainerPid, 0);
    region.close();
  });
}

function eventsOf(trace: Trace): number {
  let events = 0;
  trace.forEachBatch((batch) => {
    for (let i = 0; i < batch.count; i++) if (batch.flags[i] === 0) events++;
  });
  // Known by now.
  return events + trace.totals.orphanExits;
}

t.test('one that comes late, and is stopped until the rings have overtaken it', async (t) => {
  const dir = t.testdir();
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  region.setControl({ categories: ALL, sites: ALL_SITES });
  const whole = region.startDrain({ file: join(dir, 'whole.ddet'), metadata: {} });
  const producer = startProducer(fd, join(dir, 'counts'), [
    '--threads',
    2,
    '--switches',
    15000,
    '--burst',
    40,
    '--pause-us',
    50,
  ]);
  await producer.ready;
  await new Promise((resolve) => setTimeout(resolve, 100));
  const late = new Follower(fd, join(dir, 'late.ddet'));
  closeSync(fd);
  t.equal(await late.hear(), 'following');
  await new Promise((resolve) => setTimeout(resolve, 100));
  late.signal('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 700));
  late.signal('SIGCONT');
  const produced = await producer.ended;
  const followed = await late.end();
  const recorded = await whole.stop();
  region.close();
  t.equal(recorded.produced, sum(produced.begun));
  t.equal(recorded.lost, 0, 'a stopped follower holds nobody up');
  t.equal(followed.damaged, 0);
  t.ok(followed.lost > 10_000, `overtaken: ${followed.lost} lost, ${followed.recorded} recorded`);
  t.equal(followed.produced, followed.recorded + followed.lost);

  // What it counts, lost ones and all, is what the recorder has from its first event on.
  const [all, part] = [openTrace(join(dir, 'whole.ddet')), openTrace(join(dir, 'late.ddet'))];
  const tsc = (trace: Trace, ns: number): number => trace.startTime * 1e6 + ns;
  let expected = 0;
  for (const thread of part.threads) {
    let first = Number.POSITIVE_INFINITY;
    part.forEachBatch((batch) => {
      if (batch.thread.uid === thread.uid) first = Math.min(first, tsc(part, batch.ts[0] as number));
    });
    all.forEachBatch((batch) => {
      if (batch.thread.uid !== thread.uid) return;
      for (let i = 0; i < batch.count; i++)
        if (batch.flags[i] === 0 && tsc(all, batch.ts[i] as number) >= first) expected++;
    });
  }
  t.comment(`${followed.produced} counted, ${expected} in the recorder's file`);
  // Each file has a clock reading of its own: some microseconds.
  t.ok(Math.abs(followed.produced - expected) < 2000, 'as many as there were');
});
