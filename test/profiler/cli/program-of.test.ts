// SPDX-License-Identifier: MIT
// A program of the user is looked for before anything starts.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { splitProgram } from '../../../profiler/cli/options/shared.js';
import { findProgram } from '../../../profiler/cli/program-of.js';

t.test('the words of a program', async (t) => {
  t.strictSame(splitProgram(['ping', '--count', '3']), { workloads: ['ping', '--count', '3'] });
  t.strictSame(splitProgram(['exec', 'ls', '-l', '+', 'x']), { workloads: ['exec'], program: ['ls', '-l', '+', 'x'] });
  t.strictSame(splitProgram(['ping', '+', 'exec', 'exec']), { workloads: ['ping', '+', 'exec'], program: ['exec'] });
  t.strictSame(splitProgram(['ping', 'exec']), { workloads: ['ping', 'exec'] }, 'only where a workload begins');
  t.strictSame(splitProgram(['exec']), { workloads: ['exec'], program: [] });
});

t.test('where it is', async (t) => {
  const dir = t.testdir({ folder: {} });
  writeFileSync(join(dir, 'test'), '#!/bin/sh\n');
  t.throws(() => findProgram(['./test'], dir), { exitCode: 2, message: 'exec: ./test: not executable' });
  chmodSync(join(dir, 'test'), 0o755);
  t.strictSame(findProgram(['./test', '-x', ''], dir), [join(dir, 'test'), '-x', '']);
  t.throws(() => findProgram(['./folder'], dir), { exitCode: 2, message: 'exec: ./folder: a folder' });
  t.throws(() => findProgram(['./none'], dir), { exitCode: 2, message: 'exec: ./none: no such file' });
  t.throws(() => findProgram([]), { exitCode: 2, message: 'exec: the program is missing' });
  t.throws(() => findProgram(['no-such-program']), {
    exitCode: 2,
    message: 'exec: no-such-program: not found in PATH',
  });
  t.match(findProgram(['sh', '-c', 'exit'])[0], /\/sh$/);
});
