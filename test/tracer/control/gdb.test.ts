// SPDX-License-Identifier: MIT
// gdb sees the same stacks with tracing as without.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../../profiler/setup/root.js';
import { buildC } from '../support/build.js';

function stops(dir: string, mode: 'step' | 'on' | 'off' | 'random-on' | 'random-off'): string[] {
  const out = join(dir, mode);
  const result = spawnSync(
    'gdb',
    [
      ...['-batch', '-nx', '-ex', `set $mode = "${mode}"`, '-ex', `set $out = "${out}"`],
      ...[
        'tracer/control/gdb_unwinder.py',
        'test/tracer/support/gdb_frames.py',
        'test/tracer/control/gdb_stops.py',
      ].flatMap((file) => ['-x', join(root, file)]),
      buildC('gdb_target'),
    ],
    { encoding: 'utf8', timeout: 100_000 },
  );
  if (result.status !== 0) throw new Error(`gdb: ${result.stderr}`);
  return readFileSync(out, 'utf8').trim().split('\n');
}

if (spawnSync('gdb', ['--version']).status !== 0) {
  t.pass('skipped', { skip: 'gdb is not installed' });
} else {
  t.test('1,200 single steps: every stack reaches the start of its thread', async (t) => {
    const lines = stops(t.testdir(), 'step');
    t.equal(lines.length, 1200);
    t.same(lines.filter((line) => !/(^| )(main|second)$/.test(line)).slice(0, 5), []);
    t.same(lines.filter((line) => /\?\?/.test(line)).slice(0, 5), []);
    t.ok(lines.filter((line) => line.includes('ddet__stub')).length > 100, 'many of them in the stub');
  });

  t.test('stacks at breakpoints are those of an untraced run', async (t) => {
    const dir = t.testdir();
    const on = stops(dir, 'on');
    const off = stops(dir, 'off');
    t.ok(off.length > 30, `${off.length} stops`);
    t.same(on, off);
    t.ok(off.some((line) => line.startsWith('api_add')));
    t.ok(off.some((line) => line.startsWith('leaf')));
  });

  t.test('1,000 stops at instructions chosen by chance: the stacks are those of an untraced run', async (t) => {
    const dir = t.testdir();
    const on = stops(dir, 'random-on');
    const off = stops(dir, 'random-off');
    t.equal(off.length, 1000);
    t.same(on, off);
    t.ok(new Set(off).size > 100, `${new Set(off).size} different stops`);
    for (const name of ['leaf', 'tail_b', 'jumper', 'after_jump', 'recurse'])
      t.ok(
        off.some((line) => line.startsWith(name)),
        name,
      );
  });
}
