// SPDX-License-Identifier: MIT
// `gdb --pid` without a number takes the only driver that runs: a test to be run alone.
import { spawn } from 'node:child_process';
import { execa } from 'execa';
import t from 'tap';
import { cli, main } from '../fixtures/cli.js';
import { ends } from '../fixtures/e2e.js';

t.test('gdb --pid: attach, go on, detach: traffic goes on', async (t) => {
  if ((await execa('gdb', ['--version'], { reject: false })).exitCode !== 0) return t.plan(0, 'no gdb');
  const child = spawn(
    process.execPath,
    [main, 'run', 'e1000e', '--irq', 'intx', '--json', '--', 'ping', '--count', '1000'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: process.env,
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const up = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (stderr.includes('link up')) resolve();
    });
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await up;
  const commands = ['break e1000e_poll', 'continue', 'bt 3', 'delete', 'info threads'].flatMap((command) => [
    '--ex',
    command,
  ]);
  const gdb = await cli(['gdb', '--pid', '--batch', ...commands]);
  ends(t, gdb);
  t.match(gdb.stdout, /hit Breakpoint 1, e1000e_poll/);
  t.match(gdb.stdout, /ksoftirqd|kworker|dde-control/, 'threads have names');
  t.match(gdb.stdout, /Detaching|detached/);
  t.equal(await ended, 0, stderr.slice(-1000));
  t.match(JSON.parse(stdout), { results: [{ workload: 'ping', ok: true, received: 1000 }] });
});
