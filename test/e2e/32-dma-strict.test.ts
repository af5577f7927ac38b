// SPDX-License-Identifier: MIT
// --dma strict while everything is traced: the faults that it makes and the timer's interrupts do not get in each other's way.
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

t.setTimeout(900_000);

const SECONDS = process.env['DDE_LONG'] === '1' ? 60 : 10;
// What runs in the timer's interrupt, and what touches the packets' memory.
const CORE = [
  'tick_sched_timer',
  'update_process_times',
  'hrtimer_interrupt',
  'tcp_recvmsg*',
  'skb_copy_datagram_iter',
];
const flawed = join(projectRoot, 'test/seeded/reports');

t.test(`${SECONDS} s of traffic with every function traced`, async (t) => {
  const traced = ['--functions', '*', ...CORE.flatMap((name) => ['--core', name])];
  const args = ['record', 'e1000e', '-o', join(t.testdir({}), 'x.ddet'), '--dma', 'strict', ...traced];
  const end = await run([...args, '--', 'tcp', '--direction', 'in', '--duration', `${SECONDS}s`]);
  ends(t, end);
  t.match(end.result, { results: [{ workload: 'tcp', ok: true }], findings: [] });
});

t.test('a buffer on the stack is told and not taken away from the thread that runs on it', async (t) => {
  const device = ['--device', 'edu,dma_mask=0xffffffff', '--param', 'flawed.mode=dma-stack'];
  const file = join(t.testdir({}), 'x.ddet');
  const end = await cli([
    'record',
    flawed,
    '--json',
    '-o',
    file,
    '--dma',
    'strict',
    ...device,
    '--',
    'idle',
    '--duration',
    '1s',
  ]);
  t.match(end.json(), { findings: [{ kind: 'dma-of-stack' }] }, end.stderr);
  t.notMatch(end.stderr, /crashed/);
});
