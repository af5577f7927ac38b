// SPDX-License-Identifier: MIT
// ps, attach and top on a driver under traffic: it loses nothing, and goes on.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { attach, openRunning } from '../../profiler/record/attaching.js';
import { readSites } from '../../profiler/builds/index.js';
import { chooseCategories, chooseSites } from '../../profiler/record/index.js';
import { loadProfile } from '../../profiler/topics/load-profile.js';
import { cli, toolCommand } from '../fixtures/cli.js';
import { ends, waitUntil } from '../fixtures/e2e.js';
import { type Ps, traffic, undisturbed } from '../fixtures/traffic.js';
import { irqStats } from '../../profiler/topics/irq/stats.js';

t.setTimeout(1200_000);

/** Issue 3, point 7: 1,000 times; less in CI. */
const ROUNDS = process.env['DDE_LONG'] === '1' ? 1000 : 60;

interface Along {
  readonly follows: { readonly pid: number };
  readonly trace: { readonly recorded: number; readonly lost: number };
}

/** What a process must not collect: open descriptors, memory maps, memory. */
function holdings(pid: number): { descriptors: number; maps: number; residentKiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    maps: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length,
    residentKiB: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
  };
}

/**
 * Driver, device, the program at the other end and four readers on two CPUs: one that has to wait for longer than a ring holds loses
 * events, and counts them (seen in CI).
 */
function almostAll(t: Test, { recorded, lost }: { readonly recorded: number; readonly lost: number }): void {
  t.ok(recorded > 1000 && lost < recorded / 20, `${recorded} events, ${lost} lost`);
}

t.test('ps, attach until Ctrl-C, top; others read along', async (t) => {
  const driver = await traffic();
  const dir = t.testdir({});
  const file = join(dir, 'now.ddet');
  const [command, ...args] = toolCommand;
  const recorder = spawn(command, [...args, 'attach', String(driver.pid), '-o', file, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  recorder.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  recorder.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<number | null>((resolve) => recorder.once('close', resolve));
  t.ok(await waitUntil(() => stderr.includes('Press Ctrl-C to stop'), 30_000), stderr);

  const row = (await cli(['ps', '--json'])).json<Ps>().drivers.find((one) => one.pid === driver.pid);
  t.match(row, {
    driver: 'e1000e',
    devices: ['e1000e'],
    recorder: { pid: recorder.pid, command: 'dde-profile attach' },
  });
  t.ok((row?.uptimeSeconds ?? 0) > 0);
  // Who chooses what to record would change the first one's file.
  const other = await cli(['attach', String(driver.pid), '--functions', '*', '--tracepoint', 'tcp:*']);
  t.equal(other.code, 2);
  t.match(other.stderr, /is already being recorded by process \d+ \(dde-profile attach\)/);
  t.match(other.stderr, /--functions, --tracepoint/);
  // Two more at a time, which read along.
  const [second, third] = await Promise.all([
    cli(['attach', String(driver.pid), '-o', join(dir, 'second.ddet'), '--duration', '2s', '--json']),
    cli(['top', String(driver.pid), '--once', '--json']),
  ]);
  ends(t, second);
  const along = second.json<Along>();
  t.match(along, { follows: { pid: recorder.pid }, recorderEnded: false, driverEnded: false, findings: [] });
  almostAll(t, along.trace);
  t.ok(
    loadProfile(join(dir, 'second.ddet'), { timeline: false }).frames.list.some(
      (frame) => frame.name === 'e1000e_poll',
    ),
  );
  ends(t, third);
  t.match(third.json(), { recorder: { pid: recorder.pid, command: 'dde-profile attach' } });
  t.ok(third.json<{ interruptsPerSecond: number }>().interruptsPerSecond > 10);
  const last = cli(['attach', String(driver.pid), '-o', join(dir, 'last.ddet'), '--json']);
  await new Promise((resolve) => setTimeout(resolve, 3000));

  recorder.kill('SIGINT');
  t.equal(await closed, 0, 'Ctrl-C is how it ends');
  const end = JSON.parse(stdout);
  t.match(end, { pid: driver.pid, driver: 'e1000e', driverEnded: false, trace: { error: null } });
  t.equal(end.trace.produced, end.trace.recorded + end.trace.lost);
  almostAll(t, end.trace);
  const ended = await last;
  ends(t, ended);
  t.match(
    ended.json(),
    { follows: { pid: recorder.pid }, recorderEnded: true },
    'ends with the one that it reads along with',
  );
  const profile = loadProfile(file, { timeline: false });
  t.equal(profile.meta.driver, 'e1000e');
  t.ok(profile.frames.list.some((frame) => frame.name === 'e1000e_poll'));
  t.ok(
    profile.topics.get(irqStats).some((irq) => irq.name.includes('e1000')),
    'symbols came in later',
  );

  const top = await cli(['top', String(driver.pid), '--once', '--json']);
  ends(t, top);
  const window = top.json<{ interruptsPerSecond: number; dma: { inFlight: number }; functions: { name: string }[] }>();
  t.ok(window.interruptsPerSecond > 10, `${window.interruptsPerSecond} interrupts/s`);
  t.ok(window.dma.inFlight >= 256, `${window.dma.inFlight} mappings in flight: the receive ring and more`);
  t.ok(window.functions.some((f) => f.name === 'e1000e_poll'));
  await undisturbed(t, driver);
});

t.test(`${ROUNDS} times attach and detach under ping and TCP`, async (t) => {
  const driver = await traffic();
  const dir = t.testdir({});
  const times: number[] = [];
  let events = 0;
  let lost = 0;
  let silent = 0;
  let early: ReturnType<typeof holdings> | undefined;
  for (let i = 0; i < ROUNDS; i++) {
    const target = openRunning(driver.pid);
    try {
      const sites = readSites(target.build.dir);
      const chosen = chooseSites(sites, { functions: i % 2 === 0 ? ['*'] : [], core: [] });
      const file = join(dir, 'again.ddet');
      const request = { target, file, sites, chosen, categories: chooseCategories(undefined), toolVersion: '0' };
      const attachment = await attach(request);
      if (i % 10 === 0) attachment.describe([]);
      if (!attachment.applied) t.fail(`attach ${i}: the driver did not answer`);
      await new Promise((resolve) => setTimeout(resolve, 10 + ((i * 37) % 60)));
      const totals = await attachment.end();
      if (totals.produced !== totals.recorded + totals.lost || totals.error !== undefined)
        t.fail(JSON.stringify(totals));
      if (totals.recorded === 0) silent++;
      times.push(attachment.attachMs);
      events += totals.recorded;
      lost += totals.lost;
      const { categories, patchedSites } = target.region.info();
      if (categories !== 0 || patchedSites !== 0) t.fail(`after ${i}: ${patchedSites} sites are still on`);
      if (i % 10 === 0) t.equal(loadProfile(file, { timeline: false }).accounting.corrupt, 0);
    } finally {
      target.region.close();
    }
    // By then every thread that there is has a ring and a shadow stack.
    if (i === Math.floor(ROUNDS / 2)) early = holdings(driver.pid);
  }
  const late = holdings(driver.pid);
  times.sort((a, b) => a - b);
  const median = times[ROUNDS >> 1] ?? 1000;
  t.comment(
    `attach: median ${median.toFixed(1)} ms, slowest ${times.at(-1)?.toFixed(1)} ms; ${events} events, ${lost} lost; ` +
      `${JSON.stringify(early)} -> ${JSON.stringify(late)}`,
  );
  t.ok(median <= 100, `attach takes ${median.toFixed(1)} ms (median)`);
  t.ok(silent < ROUNDS / 10, `${ROUNDS - silent} of ${ROUNDS} saw traffic`);
  t.equal(late.descriptors, early?.descriptors, 'no descriptor is left behind');
  t.ok(Math.abs(late.maps - (early?.maps ?? 0)) < 20, 'no memory map is left behind');
  t.ok(late.residentKiB - (early?.residentKiB ?? 0) < 50 << 10, 'no memory is left behind');
  await undisturbed(t, driver);
  t.throws(() => openRunning(driver.pid), /is not running/);
});

t.test('the driver ends while it is recorded', async (t) => {
  const driver = await traffic(2);
  const end = await cli(['attach', String(driver.pid), '-o', join(t.testdir({}), 'x.ddet'), '--json']);
  ends(t, end);
  t.match(end.json(), { driverEnded: true, trace: { error: null } });
  await undisturbed(t, driver);
});
