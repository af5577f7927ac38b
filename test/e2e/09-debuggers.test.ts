// SPDX-License-Identifier: MIT
// Point 9: gdb and valgrind just work. (gdb on a running driver: 27-gdb-attach.)
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

async function has(tool: string): Promise<boolean> {
  return (await execa(tool, ['--version'], { reject: false })).exitCode === 0;
}

t.test('gdb --batch: the stack from the start of the thread to the poll function', async (t) => {
  if (!(await has('gdb'))) return t.plan(0, 'no gdb');
  const commands = ['break e1000e_poll', 'run', 'bt', 'echo whole\\n', 'bt -no-filters'].flatMap((command) => [
    '--ex',
    command,
  ]);
  const end = await cli(['gdb', 'e1000e', '--irq', 'intx', '--batch', ...commands, '--', 'ping', '--count', '5']);
  ends(t, end);
  t.match(end.stdout, /hit Breakpoint 1, e1000e_poll \(/);
  t.match(end.stdout, /netdev\.c:\d+/, 'with file and line');
  const [filtered = '', whole = ''] = end.stdout.split('whole\n');
  t.match(filtered, /net_rx_action \(/);
  t.notMatch(filtered, /start_thread|ddekit_|__ddethunk/, "the kernel's frames only");
  t.match(whole, /in start_thread \(|in clone3 \(/, 'down to the start of the thread');
});

t.test('callgrind', async (t) => {
  if (!(await has('valgrind'))) return t.plan(0, 'no valgrind');
  const output = join(t.testdir({}), 'callgrind.out');
  const args = [
    'valgrind',
    'e1000e',
    '--irq',
    'intx',
    '--tool',
    'callgrind',
    '-o',
    output,
    '--',
    'ping',
    '--count',
    '10',
  ];
  const end = await run(args);
  const { result } = end;
  ends(t, end);
  t.match(result.results, [{ workload: 'ping', ok: true, received: 10 }]);
  t.ok(existsSync(output) && statSync(output).size > 10_000);
  const table = await execa('callgrind_annotate', [output]);
  t.match(table.stdout, /net_rx_action|e1000e_poll|e1000_clean/);
});

t.test('memcheck', async (t) => {
  if (!(await has('valgrind'))) return t.plan(0, 'no valgrind');
  const args = ['valgrind', 'e1000e', '--irq', 'intx', '--tool', 'memcheck', '--', 'ping', '--count', '10'];
  const end = await run(args);
  ends(t, end);
  t.match(end.json(), { memcheck: { errors: 0 }, results: [{ ok: true, received: 10 }] });
});
