// SPDX-License-Identifier: MIT
// A crash is told and ends the process even when the thread that crashes holds the allocator's lock.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../../profiler/setup/root.js';
const CRASH = 7;

t.test('a fault in the midst of malloc', async (t) => {
  const dir = t.testdir();
  const program = join(dir, 'crash_locked');
  mkdirSync(join(dir, 'include'));
  symlinkSync(join(root, 'tracer/abi'), join(dir, 'include/ddet'));
  const runtime = join(root, 'runtime');
  const includes = [`${runtime}/ddekit`, `${runtime}/ddekit/include`, join(dir, 'include')];
  const flags = ['-std=gnu11', '-g', '-fno-omit-frame-pointer', '-no-pie', '-Wall', '-Wextra', '-Werror'];
  const parts = ['end/crash.c', 'end/backtrace.c', 'end/coverage.c', 'end/exit.c', 'host/log.c'].map((name) =>
    join(runtime, 'ddekit', name),
  );
  const source = join(root, 'test/runtime/ddekit/crash_locked.c');
  const made = spawnSync('gcc', [...flags, ...includes.map((path) => `-I${path}`), '-o', program, source, ...parts], {
    encoding: 'utf8',
  });
  t.equal(made.status, 0, made.stderr);
  const { status, signal, stdout, stderr } = spawnSync(program, {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  t.equal(signal, null, 'it does not hang');
  t.equal(status, CRASH);
  t.notMatch(stdout, /waits for the allocator/);
  t.match(stderr, /Segmentation fault/);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(events, [
    {
      type: 'crash',
      reason: 'Segmentation fault',
      signal: 11,
      address: '0x8',
      access: 'write',
      thread: 'probe',
      exact: true,
    },
    { type: 'crashTold' },
    { type: 'exit', code: CRASH },
  ]);
  const [pc] = events[0].pcs;
  t.equal(events[0].registers.rip, pc, 'where it happened comes first');
  const place = spawnSync('addr2line', ['-f', '-s', '-e', program, pc], { encoding: 'utf8' }).stdout;
  t.match(place, /^driver_faults\ncrash_locked\.c:\d+/, 'the addresses are left to the parent');
});
