// SPDX-License-Identifier: MIT
// ps, attach and top on a driver under traffic: it loses nothing, and goes on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { attach, openRunning } from '../../profiler/launch/attaching.js';
import { chooseCategories, chooseSites, readSites } from '../../profiler/launch/index.js';
import { loadProfile } from '../../profiler/aggregate/index.js';
import { cli, toolCommand } from '../fixtures/cli.js';
import { ends, type RunJson, waitUntil } from '../fixtures/e2e.js';

interface Driver {
  readonly pid: number;
  readonly ended: Promise<{ code: number | null; result: RunJson; stderr: string }>;
}

interface Ps {
  readonly drivers: readonly {
    readonly pid: number;
    readonly driver: string;
    readonly devices: readonly string[];
    readonly workload: string;
    readonly uptimeSeconds: number;
    readonly recorder: { readonly pid: number; readonly command: string } | null;
  }[];
}

/** The tool's child: the driver process. Others may run drivers on this machine, too. */
async function driverOf(workload: string): Promise<number> {
  const { drivers } = (await cli(['ps', '--json'])).json<Ps>();
  return drivers.find((one) => one.workload === workload)?.pid ?? 0;
}

let runs = 0;

/** Starts a driver with ping and TCP traffic of its own; resolves when the first ping is through. */
async function traffic(seconds: number): Promise<Driver> {
  const words = ['ping', '--count', String(100 + runs++), '+', 'tcp', '--duration', String(seconds)];
  const [command, ...args] = toolCommand;
  const child = spawn(command, [...args, 'run', 'e1000e', '--json', '--', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ code: number | null; result: RunJson; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, result: JSON.parse(stdout || '{}'), stderr })),
  );
  await waitUntil(() => stderr.includes('link up') || child.exitCode !== null, 300_000);
  return { pid: await driverOf(words.join(' ')), ended };
}

async function undisturbed(t: Test, { ended }: Driver): Promise<void> {
  const { code, result, stderr } = await ended;
  t.equal(code, 0, stderr.slice(-2000));
  const [ping, tcp] = result.results;
  t.equal(ping?.['received'], ping?.['sent'], 'no ping was lost');
  t.equal(tcp?.ok, true);
  t.ok(result.tcp.length > 0 && result.tcp.every((flow) => flow.equal), 'TCP: every byte equal at both ends');
}

t.test('ps, attach until Ctrl-C, top; a second recorder is told of the first', async (t) => {
  const driver = await traffic(15);
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
  t.ok(await waitUntil(() => stderr.includes('Ctrl-C ends it'), 30_000), stderr);

  const row = (await cli(['ps', '--json'])).json<Ps>().drivers.find((one) => one.pid === driver.pid);
  t.match(row, {
    driver: 'e1000e',
    devices: ['e1000e'],
    recorder: { pid: recorder.pid, command: 'dde-profile attach' },
  });
  t.ok((row?.uptimeSeconds ?? 0) > 0);
  for (const verb of ['attach', 'top']) {
    const second = await cli([verb, String(driver.pid)]);
    t.equal(second.code, 5);
    t.match(second.stderr, /is recorded already, by process \d+ \(dde-profile attach\)/);
  }

  recorder.kill('SIGINT');
  t.equal(await closed, 0, 'Ctrl-C is how it ends');
  const end = JSON.parse(stdout);
  t.match(end, { pid: driver.pid, driver: 'e1000e', driverEnded: false, trace: { error: null } });
  t.equal(end.trace.produced, end.trace.recorded + end.trace.lost);
  t.ok(end.trace.recorded > 1000, `${end.trace.recorded} events`);
  const profile = loadProfile(file, { timeline: false });
  t.equal(profile.meta.driver, 'e1000e');
  t.ok(profile.frames.list.some((frame) => frame.name === 'e1000e_poll'));
  t.ok(
    profile.domain.irqs.some((irq) => irq.name.includes('e1000')),
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

t.test('50 times attach and detach under ping and TCP', async (t) => {
  const driver = await traffic(12);
  const dir = t.testdir({});
  const times: number[] = [];
  let events = 0;
  let lost = 0;
  let silent = 0;
  for (let i = 0; i < 50; i++) {
    const target = openRunning(driver.pid);
    try {
      const sites = readSites(target.build.dir);
      const chosen = chooseSites(sites, { functions: i % 2 === 0 ? ['*'] : [], core: [] });
      const file = join(dir, 'again.ddet');
      const request = { target, file, sites, chosen, categories: chooseCategories(undefined), toolVersion: '0' };
      const attachment = await attach(request);
      attachment.describe([]);
      if (!attachment.applied) t.fail(`attach ${i}: the driver did not answer`);
      await new Promise((resolve) => setTimeout(resolve, 20 + ((i * 37) % 150)));
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
  }
  times.sort((a, b) => a - b);
  t.comment(
    `attach: median ${times[25]?.toFixed(1)} ms, slowest ${times.at(-1)?.toFixed(1)} ms; ${events} events, ${lost} lost`,
  );
  t.ok((times[25] ?? 1000) <= 100, `attach takes ${times[25]?.toFixed(1)} ms (median)`);
  t.ok(silent < 5, `${50 - silent} of 50 saw traffic`);
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
