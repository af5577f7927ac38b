// SPDX-License-Identifier: MIT
// The addon is built while others use it: it is always there, and a build that is killed leaves nothing that stays.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { waitUntil } from '../../fixtures/e2e.js';
import { projectRoot } from '../../../profiler/setup/index.js';

const tracer = join(projectRoot, 'tracer');
const file = join(tracer, 'recorder/build/Release/ddetracer.node');
const copies = (): string[] => readdirSync(tracer).filter((name) => name.startsWith('.addon-'));

function build(): { readonly pid: number; readonly ended: Promise<number | null>; kill(): void } {
  const child = spawn(process.execPath, [join(projectRoot, 'profiler/setup/build-addon.mjs')], { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { pid: child.pid as number, ended, kill: () => void child.kill('SIGKILL') };
}

t.test('the addon is replaced whole', { timeout: 240_000 }, async (t) => {
  const stamp = join(tracer, 'recorder/build/.dde-stamp');
  t.ok(existsSync(file) && existsSync(stamp), 'the set-up has built it');
  const before = statSync(file).ino;

  rmSync(stamp);
  const killed = build();
  t.ok(await waitUntil(() => copies().includes(`.addon-${killed.pid}`), 30_000), 'it is built in a copy');
  killed.kill();
  await killed.ended;
  t.equal(statSync(file).ino, before);
  t.ok(copies().includes(`.addon-${killed.pid}`));

  const whole = build();
  let running = true;
  let missing = 0;
  whole.ended.then(() => {
    running = false;
  });
  while (running) {
    if (!existsSync(file)) missing++;
    // Not without a pause: the compiler needs the CPU more.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  t.equal(await whole.ended, 0);
  t.equal(missing, 0, 'there was one all the time');
  t.not(statSync(file).ino, before, 'and now it is the new one');
  t.ok(existsSync(stamp));
  t.strictSame(copies(), [], 'no copy is left, not that of the killed one either');
});
