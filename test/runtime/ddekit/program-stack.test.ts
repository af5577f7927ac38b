// SPDX-License-Identifier: MIT
// The stack of a user's program, found without its registers: whatever the compiler was asked for; and files that are no proper ELF files.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../../profiler/setup/root.js';
const here = join(root, 'test/runtime/ddekit');
const runtime = join(root, 'runtime/ddekit');
const dir = t.testdir();
const looker = join(dir, 'program_stack');

// The runtime sees the tracer's headers under this name.
mkdirSync(join(dir, 'include'));
symlinkSync(join(root, 'tracer/abi'), join(dir, 'include/ddet'));
execFileSync(
  'gcc',
  [
    ...['-std=gnu11', '-g', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    ...[runtime, join(runtime, 'include'), join(dir, 'include')].map((path) => `-I${path}`),
    ...['-o', looker, join(here, 'program_stack.c')],
    ...['program/stack.c', 'program/symbols.c'].map((file) => join(runtime, file)),
  ],
  { stdio: 'inherit' },
);
const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
const look = (...args: string[]): string =>
  execFileSync(looker, args, { encoding: 'utf8', timeout: 20_000, env }).trim();

const STACKS: readonly (readonly [how: string, stack: RegExp])[] = [
  ['direct', /^main;direct;innermost;read$/],
  ['recursion', /^main;direct;innermost;innermost;innermost;innermost;read$/],
  ['room', /^main;roomy;innermost;read$/],
  ['pointer', /^main;direct;innermost;read$/],
  ['callback', /^main;qsort_r;(\[libc[^;]*\];|msort[^;]*;)+compare;innermost;read$/],
  ['thread', /in_thread;direct;innermost;read$/],
];

for (const [name, flags] of [
  ['plain', ['-O0']],
  ['optimised, no frame pointers', ['-O2', '-fomit-frame-pointer', '-fno-optimize-sibling-calls', '-fno-ipa-cp']],
  ['frame pointers', ['-O1', '-fno-omit-frame-pointer']],
  ['without PLT', ['-O1', '-fno-plt', '-Wl,-z,now']],
  ['at a fixed address', ['-O1', '-no-pie', '-fno-pie']],
  ['static', ['-O1', '-static']],
] as const) {
  t.test(name, async (t) => {
    const program = join(dir, name.replace(/\W+/g, '-'));
    execFileSync('gcc', ['-g', ...flags, '-pthread', '-o', program, join(here, 'program_waits.c')]);
    for (const [how, stack] of STACKS) t.match(look(program, how), stack, how);
  });
}

t.test('a program without symbols', async (t) => {
  const program = join(dir, 'stripped');
  execFileSync('gcc', ['-O1', '-s', '-pthread', '-o', program, join(here, 'program_waits.c')]);
  // What starts main() may stand before it.
  t.match(look(program, 'direct'), /^(\[[^;]+\];)*\[stripped\];read$/);
});

t.test('files that are damaged', async (t) => {
  const file = join(dir, 'damaged');
  const whole = readFileSync(join(dir, 'frame-pointers'));
  writeFileSync(file, whole);
  t.ok(Number(look('--map', file)) > 0, 'the whole one has names');
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  // The headers, and what they point to, are where a wrong number leads astray.
  const places = [0, 64, whole.length - 2048, Math.floor(whole.length / 2)];
  for (let i = 0; i < 120; i++) {
    const bytes = Buffer.from(whole.subarray(0, i % 5 === 0 ? 1 + random(whole.length) : whole.length));
    for (let k = 0; k < 1 + random(12); k++) {
      const at = Math.max(0, (places[random(places.length)] ?? 0) + random(2048));
      if (at < bytes.length) bytes[at] = random(4) === 0 ? 0xff : random(256);
    }
    writeFileSync(file, bytes);
    t.match(look('--map', file), /^\d+$/, `damaged file ${i}`);
  }
});
