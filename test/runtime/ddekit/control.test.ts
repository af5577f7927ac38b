// SPDX-License-Identifier: MIT
// Lines of the control socket come one by one, whole, and none is left behind: epoll tells of them once.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../../profiler/setup/root.js';

t.test('lines in one burst, one of them too long', async (t) => {
  const program = join(t.testdir(), 'control_lines');
  const ddekit = join(root, 'runtime/ddekit');
  const sources = ['event/control.c', 'event/epoll.c', 'host/log.c'].map((file) => join(ddekit, file));
  const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', `-I${ddekit}`, `-I${ddekit}/include`, '-o', program];
  execFileSync('gcc', [...flags, join(root, 'test/runtime/ddekit/control_lines.c'), ...sources], { stdio: 'inherit' });
  const out = execFileSync(program, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  t.same(out.trim().split('\n'), ['irq 2', 'line bind', 'line unbind', 'line quit', 'irq 2', 'line unfinished']);
});
