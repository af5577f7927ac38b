// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pruneFolder } from '../../../../runtime/build/common/prune.js';

t.test('the last used stay, and whatever is recent', async (t) => {
  const dir = t.testdir({ 'x.lock': '' });
  const now = 1_000_000_000_000;
  const ages: Record<string, number> = { a: 10, b: 9, c: 8, '.new-old': 9, '.new-now': 0, d: 0, e: 1 };
  for (const [name, hours] of Object.entries(ages)) {
    mkdirSync(join(dir, name));
    const used = (now - hours * 3_600_000) / 1000;
    utimesSync(join(dir, name), used, used);
  }
  await pruneFolder(dir, 3, now);
  t.same(readdirSync(dir).sort(), ['.new-now', 'c', 'd', 'e', 'x.lock']);
  await pruneFolder(join(dir, 'none'), 3, now);
});

t.test('the build of a driver that runs stays', async (t) => {
  const dir = t.testdir({ running: {}, other: {} });
  copyFileSync('/bin/sleep', join(dir, 'running', 'driver'));
  const child = spawn(join(dir, 'running', 'driver'), ['60'], { stdio: 'ignore' });
  t.teardown(() => child.kill());
  await once(child, 'spawn');
  await pruneFolder(dir, 0, Date.now() + 1e9);
  t.same(readdirSync(dir), ['running']);
});
