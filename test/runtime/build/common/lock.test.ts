// SPDX-License-Identifier: MIT
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { withLock } from '../../../../runtime/build/common/lock.js';

t.test('one at a time', async (t) => {
  const file = join(t.testdir(), 'deep', 'lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await sleep(20);
    inside--;
  };
  await Promise.all([1, 2, 3].map(() => withLock(file, work)));
  t.equal(most, 1);
  t.notOk(existsSync(file));
});

t.test('the lock of a dead process is taken over, also when its id lives again', async (t) => {
  for (const owner of ['4194999 1', `${process.pid} 1`]) {
    const file = join(t.testdir(), 'lock');
    writeFileSync(file, owner);
    t.equal(await withLock(file, async () => 'done'), 'done');
  }
});

t.test('a failure frees it', async (t) => {
  const file = join(t.testdir(), 'lock');
  await t.rejects(
    withLock(file, async () => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  t.notOk(existsSync(file));
});

t.test('who waits is told for whom', async (t) => {
  const file = join(t.testdir(), 'lock');
  const waited: number[] = [];
  const onWait = (pid: number): void => void waited.push(pid);
  await Promise.all([withLock(file, () => sleep(300), onWait), withLock(file, () => sleep(1), onWait)]);
  t.same(waited, [process.pid]);
});
