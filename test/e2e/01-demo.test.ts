// SPDX-License-Identifier: MIT
// Point 1: the demo ends well and prints what it promises.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { root } from '../fixtures/cli.js';

t.test('npm run demo', async (t) => {
  const demo = (): ReturnType<typeof execa> =>
    execa('env', ['-u', 'NODE_OPTIONS', 'NO_COLOR=1', 'npm', 'run', '--silent', 'demo'], { cwd: root, reject: false, stdin: 'ignore' });
  const cold = performance.now();
  const first = await execa('npm', ['run', '--silent', 'demo'], { cwd: root, env, reject: false, stdin: 'ignore' });
  t.equal(first.exitCode, 0, first.stderr.slice(-2000));
  t.comment(`the first time: ${((performance.now() - cold) / 1000).toFixed(1)} s`);
  const warm = performance.now();
  const { exitCode, stdout, stderr } = await execa('npm', ['run', '--silent', 'demo'], {
    cwd: root,
    env,
    reject: false,
    stdin: 'ignore',
  });
  const seconds = (performance.now() - warm) / 1000;
  t.equal(exitCode, 0, stderr.slice(-2000));
  t.match(stdout, /link up: eth\d/);
  t.match(stdout, /ping: ok, 100 of 100/);
  t.match(stdout, /out \d+ bytes, equal at both ends/);
  t.match(stdout, /in \d+ bytes, equal at both ends/);
  t.match(stdout, /trace: \d+ events recorded, \d+ lost/);
  const graph = /flame graph: (\S+)/.exec(stdout)?.[1] ?? '';
  t.ok(existsSync(join(root, graph)), graph);
  const file = JSON.parse(readFileSync(join(root, graph), 'utf8')) as { profiles: unknown[] };
  t.ok(file.profiles.length > 0);
  t.comment(`warm: ${seconds.toFixed(1)} s (the goal is 20 s on an idle machine)`);
});
