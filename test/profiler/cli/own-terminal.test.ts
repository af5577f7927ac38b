// SPDX-License-Identifier: MIT
// gdb at its prompt owns the terminal: Ctrl-C is for it, however often it is pressed.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { fakeBuild, toolCommand } from '../../fixtures/cli.js';
import { waitUntil } from '../../fixtures/e2e.js';

/** A gdb that waits at its prompt for a line, and takes no notice of Ctrl-C. */
const GDB = `#!/bin/sh
[ "$1" = --version ] && exit 0
trap '' INT
echo "(gdb) "
read line
echo "got $line"
`;

t.test('three times Ctrl-C at the prompt', async (t) => {
  const dir = t.testdir({ bin: { gdb: GDB }, build: {} });
  chmodSync(join(dir, 'bin/gdb'), 0o755);
  const build = fakeBuild(join(dir, 'build'));
  const [command, ...tool] = toolCommand;
  const child = spawn(command, [...tool, 'gdb', build, '--', 'idle'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk;
    });
  t.ok(await waitUntil(() => text.includes('(gdb)') || child.exitCode !== null, 30_000), text);
  for (let i = 0; i < 4; i++) {
    child.kill('SIGINT');
    await sleep(50);
  }
  t.equal(child.exitCode, null, 'the wrapper is still there');
  child.stdin.end('quit\n');
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.equal(code, 0, text);
  t.match(text, /got quit/);
  t.notMatch(text, /stopping/);
});

/** Writes its result in a second after Ctrl-C, as callgrind does with a long run. */
const VALGRIND = `#!/bin/sh
[ "$1" = --version ] && exit 0
trap 'sleep 0.7; echo "==1== ERROR SUMMARY: 0 errors from 0 contexts" >&2; exit 130' INT
echo running >&2
while :; do sleep 0.05; done
`;

t.test('valgrind has the time to write its result; a second Ctrl-C ends it at once', async (t) => {
  const dir = t.testdir({ bin: { valgrind: VALGRIND } });
  chmodSync(join(dir, 'bin/valgrind'), 0o755);
  mkdirSync(join(dir, 'build'));
  const build = fakeBuild(join(dir, 'build'));
  const [command, ...tool] = toolCommand;
  for (const times of [1, 2]) {
    const child = spawn(command, [...tool, 'valgrind', build, '--tool', 'memcheck', '--', 'idle'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` },
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk;
      });
    t.ok(await waitUntil(() => text.includes('running') || child.exitCode !== null, 30_000), text);
    for (let i = 0; i < times; i++) {
      child.kill('SIGINT');
      await sleep(100);
    }
    const code = await new Promise((resolve) => child.once('close', resolve));
    t.equal(code, 130);
    t.equal(/0 errors/.test(text.replace(/\? errors/g, '')), times === 1, text);
  }
});
