// SPDX-License-Identifier: MIT
// `dde-profile peer` without a driver at the other end; with one it is the peer of every tcp workload (test/guest/real-devices.test.ts).
import { spawn } from 'node:child_process';
import t from 'tap';
import { cli, toolCommand } from '../../fixtures/cli.js';
import { waitUntil } from '../../fixtures/e2e.js';

t.test('a wrong address', async (t) => {
  const end = await cli(['peer', 'localhost']);
  t.equal(end.code, 2);
  t.match(end.stderr, /"localhost" is not an IPv4 address/);
});

t.test('nobody there: it waits, and ends by Ctrl-C', async (t) => {
  const [command, ...args] = toolCommand;
  const peer = spawn(command, [...args, 'peer', '127.0.0.1', '--tcp-port', '9', '--udp-port', '9', '--json']);
  let stderr = '';
  let stdout = '';
  peer.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  peer.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const closed = new Promise((resolve) => peer.once('close', resolve));
  t.ok(await waitUntil(() => stderr.includes('Press Ctrl-C to stop'), 30_000), stderr);
  peer.kill('SIGINT');
  t.equal(await closed, 0);
  t.match(JSON.parse(stdout), { schema: 'dde-profile.peer/1', host: '127.0.0.1', reports: [] });
});
