// SPDX-License-Identifier: MIT
// Control of a running process: attach and detach, toggling, the flight recorder, a full disk, bad regions.
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../../profiler/setup/root.js';
import { createTraceRegion, findRegion, openRegion, siteBitmap } from '../../../tracer/recorder/addon.js';
import { CATEGORY, openTrace } from '../../../tracer/decode/index.js';
import { startProducer, sum } from '../support/build.js';

const ALL_SITES = siteBitmap(Array.from({ length: 64 }, (_, i) => i));
const addonPath = join(projectRoot, 'tracer/recorder/build/Release/ddetracer.node');
const NO_SITES = new Uint8Array(0);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

t.test('attach and detach many times', async (t) => {
  const dir = t.testdir();
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const producer = startProducer(fd, join(dir, 'counts'), ['--threads', 4, '--forever', '--pause-us', 20]);
  closeSync(fd);
  await producer.ready;
  t.equal(region.threads().length, 4);
  t.ok(
    region.threads().every((thread) => thread.ringPosition === 0),
    'nothing is written while nobody records',
  );
  const times: number[] = [];
  let events = 0;
  for (let round = 0; round < 50; round++) {
    const file = join(dir, 'attach.ddet');
    const start = performance.now();
    const drain = region.startDrain({ file, metadata: {}, attach: true });
    region.setControl({ categories: ['softirq', 'dma', 'napi'], sites: ALL_SITES });
    t.ok(await region.waitApplied(1000));
    times.push(performance.now() - start);
    await sleep(3);
    region.setControl({ categories: 0, sites: NO_SITES });
    await region.waitApplied(1000);
    const totals = await drain.stop();
    const trace = openTrace(file);
    t.equal(trace.totals.recorded, totals.recorded);
    t.equal(trace.totals.produced, totals.produced);
    const names = new Set<string>();
    for (const event of trace.events({ order: 'time' })) if (event.kind === 'event') names.add(event.name);
    t.ok([...names].every((name) => /softirq|dma|napi/.test(name)));
    t.same(trace.corrupt, []);
    events += totals.recorded;
    trace.close();
  }
  t.ok(events > 1000, `${events} events`);
  // Not the slowest: the machine may be busy.
  const median = times.sort((a, b) => a - b)[times.length >> 1] as number;
  t.ok(median < 50, `attach took ${median.toFixed(1)} ms`);
  t.equal(region.info().patchedSites, 0);
  const maps = readFileSync(`/proc/${producer.pid}/maps`, 'utf8');
  t.notMatch(maps, /rwx/, 'no page of the process is writable and executable');
  producer.kill();
  await producer.ended;
  region.close();
});

t.test("a debugger's breakpoint stays, and what is not recorded for it is said", async (t) => {
  const dir = t.testdir();
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const producer = startProducer(fd, join(dir, 'counts'), ['--idle']);
  closeSync(fd);
  await producer.ready;
  // As gdb does it. The process is idle: it does not come there.
  const symbols = execFileSync('nm', [`/proc/${producer.pid}/exe`], { encoding: 'utf8' });
  const at = Number.parseInt(/^([0-9a-f]+) t leaf$|^([0-9a-f]+) T leaf$/m.exec(symbols)?.[0] ?? '', 16);
  const memory = openSync(`/proc/${producer.pid}/mem`, 'r+');
  const record = async (breakpoint: boolean): Promise<number[]> => {
    const byte = Buffer.alloc(1);
    readSync(memory, byte, 0, 1, at);
    if (breakpoint) writeSync(memory, Buffer.from([0xcc]), 0, 1, at);
    const file = join(dir, `${breakpoint}.ddet`);
    const drain = region.startDrain({ file, metadata: {}, attach: true });
    region.setControl({ categories: ['softirq'], sites: ALL_SITES });
    t.ok(await region.waitApplied(2000));
    await sleep(500); // the drain looks now and then
    if (breakpoint) writeSync(memory, byte, 0, 1, at);
    region.setControl({ categories: 0, sites: NO_SITES });
    t.ok(await region.waitApplied(2000));
    const { skippedSites } = await drain.stop();
    const trace = openTrace(file);
    trace.close();
    return [skippedSites, trace.skippedSites];
  };
  t.strictSame(await record(true), [1, 1]);
  t.strictSame(await record(false), [0, 0]);
  closeSync(memory);
  producer.kill();
  await producer.ended;
  region.close();
});

t.test('a process that does nothing answers', async (t) => {
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const producer = startProducer(fd, join(t.testdir(), 'counts'), ['--idle']);
  closeSync(fd);
  await producer.ready;
  t.match(findRegion(producer.pid), /^\/proc\/\d+\/fd\/\d+$/);
  t.equal(findRegion(1 << 30), undefined);
  await sleep(20);
  for (const sites of [ALL_SITES, NO_SITES]) {
    const start = performance.now();
    region.setControl({ sites });
    t.ok(await region.waitApplied(2000));
    t.ok(performance.now() - start < 100);
  }
  producer.kill();
  await producer.ended;
  region.close();
});

t.test('the death of a recorder ends its recording', async (t) => {
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const dir = t.testdir();
  const producer = startProducer(fd, join(dir, 'counts'), ['--threads', 2, '--forever', '--pause-us', 100]);
  await producer.ready;
  const recorder = spawn(
    process.execPath,
    [
      '-e',
      `const addon = require(${JSON.stringify(addonPath)});
       const region = new addon.Region(3);
       const drain = region.startDrain({ file: process.argv[1], metadata: '{}' });
       region.setControl({ categories: 0xffffffff, sites: new Uint8Array(8).fill(255) });
       setInterval(() => {}, 1000);`,
      join(dir, 'killed.ddet'),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', fd] },
  );
  closeSync(fd);
  for (let i = 0; i < 300 && region.info().patchedSites === 0; i++) await sleep(10);
  t.ok(region.info().patchedSites > 0);
  await sleep(1500); // it must have been seen alive
  recorder.kill('SIGKILL');
  for (let i = 0; i < 300 && region.info().patchedSites > 0; i++) await sleep(10);
  t.equal(region.info().patchedSites, 0);
  t.equal(region.info().categories, 0);
  t.equal(region.info().drainerPid, 0);
  producer.kill();
  await producer.ended;
  region.close();
});

t.test('toggling under load stays balanced', async (t) => {
  const dir = t.testdir();
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const region = openRegion(fd);
  const file = join(dir, 'toggle.ddet');
  const drain = region.startDrain({ file, metadata: {} });
  const producer = startProducer(fd, join(dir, 'counts'), ['--threads', 4, '--forever', '--pause-us', 5]);
  closeSync(fd);
  await producer.ready;
  const names = Object.keys(CATEGORY) as (keyof typeof CATEGORY)[];
  for (let i = 0; i < 300; i++) {
    const some = names.filter((_, n) => (i * 7 + n * 3) % 4 !== 0);
    const sites = siteBitmap(Array.from({ length: 32 }, (_, n) => n).filter((n) => (i + n) % 3 !== 0));
    region.setControl({ categories: some, sites: i % 5 === 4 ? NO_SITES : sites, depthLimit: i % 7 });
    await region.waitApplied(1000);
  }
  producer.kill();
  await producer.ended;
  const totals = await drain.stop();
  const trace = openTrace(file);
  t.equal(trace.totals.recorded, totals.recorded);
  let depth = 0;
  let unbalanced = 0;
  trace.forEachBatch((batch) => {
    for (let i = 0; i < batch.count; i++) {
      if (batch.kind[i] === 1) depth++;
      if (batch.kind[i] === 2 && --depth < 0) unbalanced++;
    }
  });
  t.equal(unbalanced, 0);
  t.equal(depth, 0);
  t.ok(trace.totals.recorded > 1000);
  region.close();
});

t.test('flight recorder', async (t) => {
  const dir = t.testdir();
  const fd = createTraceRegion({ ringBytes: 128 << 10, mode: 'overwrite' });
  const region = openRegion(fd);
  region.setControl({ categories: 0xffffffff, sites: ALL_SITES });
  t.throws(() => region.startDrain({ file: join(dir, 'x'), metadata: {} }), { code: 'ERR_DDE_MODE' });
  const producer = startProducer(fd, join(dir, 'counts'), ['--threads', 3, '--forever', '--burst', 100]);
  closeSync(fd);
  await producer.ready;
  for (let i = 0; i < 10; i++) {
    await sleep(15);
    const totals = region.snapshot({ file: join(dir, 'live.ddet'), metadata: {} });
    const trace = openTrace(join(dir, 'live.ddet'));
    t.same(trace.corrupt, [], 'a snapshot of a running process is whole');
    t.equal(trace.totals.recorded, totals.recorded);
    t.equal(totals.damaged, 0);
    trace.close();
  }
  producer.kill();
  const produced = await producer.ended;
  const totals = region.snapshot({ file: join(dir, 'dead.ddet'), metadata: {} });
  const trace = openTrace(join(dir, 'dead.ddet'));
  const least = sum(produced.done);
  const most = sum(produced.begun);
  t.ok(totals.lost > 0 && totals.recorded > 1000, `${totals.recorded} recorded, ${totals.lost} overwritten`);
  t.ok(totals.produced >= least && totals.produced <= most, `${least} <= ${totals.produced} <= ${most}`);
  t.equal(trace.totals.produced, totals.produced);
  region.close();
});

t.test('flight recorder: kill -9 at random moments', async (t) => {
  for (let round = 0; round < 40; round++) {
    const dir = t.testdir();
    const fd = createTraceRegion({ ringBytes: round % 2 ? 128 << 10 : 1 << 20, mode: 'overwrite' });
    const region = openRegion(fd);
    region.setControl({ categories: 0xffffffff, sites: ALL_SITES });
    const args = ['--threads', 1 + (round % 4), '--forever', '--burst', 40, '--seed', round];
    const producer = startProducer(fd, join(dir, 'counts'), args);
    closeSync(fd);
    await producer.ready;
    await sleep((round * 17) % 31);
    producer.kill();
    const produced = await producer.ended;
    const totals = region.snapshot({ file: join(dir, 'dead.ddet'), metadata: {} });
    const trace = openTrace(join(dir, 'dead.ddet'));
    const least = sum(produced.done);
    const most = sum(produced.begun);
    t.ok(
      totals.produced >= least && totals.produced <= most && most - least <= 10,
      `round ${round}: ${least} <= ${totals.produced} <= ${most}, overwritten ${totals.lost}`,
    );
    let events = 0;
    trace.forEachBatch((batch) => {
      for (let i = 0; i < batch.count; i++) if (batch.flags[i] === 0) events++;
    });
    t.equal(events + trace.totals.orphanExits, totals.recorded);
    t.same(trace.corrupt, []);
    trace.close();
    region.close();
  }
});

t.test('a full disk', async (t) => {
  // A file system of its own that is small: needs root.
  const mount = mkdtempSync(join(tmpdir(), 'dde-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mount], { stdio: 'ignore' });
  } catch {
    rmSync(mount, { recursive: true });
    t.plan(0, 'cannot mount a tmpfs here');
    return;
  }
  try {
    const fd = createTraceRegion({ ringBytes: 1 << 20 });
    const region = openRegion(fd);
    region.setControl({ categories: 0xffffffff, sites: ALL_SITES });
    const file = join(mount, 'trace.ddet');
    const drain = region.startDrain({ file, metadata: {} });
    const producer = startProducer(fd, join(t.testdir(), 'counts'), ['--threads', 3, '--forever', '--burst', 100]);
    closeSync(fd);
    await producer.ready;
    for (let i = 0; i < 500 && !drain.totals().error; i++) await sleep(10);
    t.match(drain.totals().error, /cannot write .*No space left on device/);
    producer.kill();
    await producer.ended;
    const totals = await drain.stop();
    t.match(totals.error, /No space left/);
    const trace = openTrace(file);
    t.same(trace.corrupt, [], 'the file ends with a whole chunk');
    t.notOk(trace.complete);
    t.ok(trace.totals.recorded > 1000);
    trace.close();
    region.close();
    writeFileSync(join(mount, 'fill'), Buffer.alloc(1), { flag: 'a' });
    t.throws(() => {
      const again = createTraceRegion();
      try {
        openRegion(again).startDrain({ file: '/nonexistent/dir/trace.ddet', metadata: {} });
      } finally {
        closeSync(again);
      }
    }, /cannot create \/nonexistent/);
  } finally {
    execFileSync('umount', [mount]);
    rmSync(mount, { recursive: true });
  }
});

t.test('what is no region', async (t) => {
  const dir = t.testdir({ text: 'x'.repeat(5000) });
  t.throws(() => openRegion(join(dir, 'text')), { code: 'ERR_DDE_REGION', message: /not a trace region/ });
  t.throws(() => openRegion('/dev/null'), { code: 'ERR_DDE_REGION' });
  const fd = createTraceRegion({ ringBytes: 1 << 20 });
  const copy = openSync(`/proc/self/fd/${fd}`, 'r+');
  const bytes = Buffer.alloc(4096);
  const { readSync, writeSync } = await import('node:fs');
  readSync(copy, bytes, 0, 4096, 0);
  const region = openRegion(fd);
  t.throws(() => ftruncateSync(copy, 4096), { code: 'EPERM' }, 'nobody takes the pages away from under the recorder');
  const unsealed = openSync(join(dir, 'text'), 'r+');
  writeSync(unsealed, bytes, 0, 4096, 0);
  t.throws(
    () => openRegion(unsealed),
    { code: 'ERR_DDE_REGION', message: /damaged trace region/ },
    'a file could be cut',
  );
  closeSync(unsealed);
  // A process that scribbles over the whole control area must not harm the recorder.
  const drain = region.startDrain({ file: join(dir, 'hostile.ddet'), metadata: {} });
  let seed = 7;
  const noise = Buffer.alloc(300 << 10);
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < noise.length; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      noise[i] = i % 256 < 4 ? (seed >>> 24) % 3 : seed >>> 24;
    }
    writeSync(copy, noise, 0, noise.length, 4096 + (1 << 17));
    writeSync(copy, noise, 0, 100, 140);
    // The sizes and offsets of the tables (24 to 56, 192), the counts of sites and of triggers: all were checked and copied at the start.
    for (const [at, bytes] of [
      [24, 32],
      [96, 4],
      [192, 8],
      [1280, 4],
    ] as const)
      writeSync(copy, round % 2 === 0 ? noise : Buffer.alloc(32, 0xff), 0, bytes, at);
    t.equal(region.info().ringBytes, 1 << 20);
    region.setControl({ categories: 0, sites: ALL_SITES, args: new Uint8Array(64) });
    region.asked();
    await sleep(5);
  }
  await drain.stop();
  t.ok(existsSync(join(dir, 'hostile.ddet')));
  t.doesNotThrow(() => {
    const trace = openTrace(join(dir, 'hostile.ddet'));
    for (const event of trace.events({ order: 'time' })) if (event.ts < 0) throw new Error('time');
    trace.close();
  });
  region.close();
  bytes.writeUInt32LE(9, 8);
  writeSync(copy, bytes, 0, 4096, 0);
  t.throws(() => openRegion(fd), /version 9/);
  closeSync(copy);
  closeSync(fd);
});
