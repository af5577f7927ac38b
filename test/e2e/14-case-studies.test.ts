// SPDX-License-Identifier: MIT
// The two faults that the paper tells of are found on real recordings, and a sound driver has none.
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

interface Finding {
  readonly kind: string;
  readonly title: string;
  readonly count: number;
  readonly evidence: readonly { readonly stack: readonly string[] }[];
}

const WORK = ['--', 'tcp', '--duration', '2'];

async function record(t: Test, args: readonly string[]): Promise<readonly Finding[]> {
  const end = await run(['record', 'e1000e', '-o', join(t.testdir({}), 'x.ddet'), ...args, ...WORK]);
  ends(t, end);
  return (end.result as unknown as { findings: Finding[] }).findings;
}

t.test('no case study: no finding', async (t) => {
  t.strictSame(await record(t, []), []);
});

t.test('the lost softirq', async (t) => {
  const [first, ...others] = await record(t, ['--cmdline', 'dde.case=lost-softirq']);
  t.match(first, { kind: 'napi-stalled', title: /e1000e_poll/ });
  t.ok((first?.count ?? 0) > 100, `${first?.count} times`);
  t.strictSame(others, []);
});

t.test('the linear list of virt_to_phys', async (t) => {
  const [first, ...others] = await record(t, ['--cmdline', 'dde.case=linear-v2p']);
  t.match(first, { kind: 'virt-to-phys-growth', title: /gets slower with the number of live DMA mappings/ });
  t.match(JSON.stringify(first?.evidence), /e1000_alloc_rx_buffers/, 'names who asks');
  t.strictSame(others, []);
});

t.test('callgrind names the walk', async (t) => {
  const file = join(t.testdir({}), 'callgrind.out');
  const args = ['--tool', 'callgrind', '-o', file, '--cmdline', 'dde.case=linear-v2p', '--', 'ping', '--count', '50'];
  const end = await cli(['valgrind', 'e1000e', ...args]);
  if (end.code === 3) return t.plan(0, 'no valgrind here');
  ends(t, end);
  const view = await execa('callgrind_annotate', [file]);
  t.match(view.stdout, /mappings\.c:dde_live_walk/);
});
