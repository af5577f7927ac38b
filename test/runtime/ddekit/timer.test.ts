// SPDX-License-Identifier: MIT
// No deadline is lost while the virtual CPU changes hands: a driver would wait for ever in a sleep of Linux's.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../../profiler/setup/root.js';

t.test('a deadline that is programmed while the former one is being told', async (t) => {
  const dir = t.testdir();
  const program = join(dir, 'timer_handover');
  // The runtime sees the tracer's headers under this name.
  mkdirSync(join(dir, 'include'));
  symlinkSync(join(root, 'tracer/abi'), join(dir, 'include/ddet'));
  const runtime = join(root, 'runtime');
  const includes = [`${runtime}/ddekit`, `${runtime}/ddekit/include`, join(dir, 'include')];
  const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', ...includes.map((path) => `-I${path}`), '-o', program];
  const sources = [join(root, 'test/runtime/ddekit/timer_handover.c'), join(runtime, 'ddekit/host/timer.c')];
  execFileSync('gcc', [...flags, ...sources, '-lrt'], { stdio: 'inherit' });
  const out = execFileSync(program, { encoding: 'utf8', timeout: 20_000 });
  t.same(out.trim().split('\n'), [
    'first 1',
    'the one programmed meanwhile 1',
    'after an early look that reached nobody 1',
    'a thread that hands over gets on',
  ]);
});
