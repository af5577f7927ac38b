// SPDX-License-Identifier: MIT
import t from 'tap';
import { together } from '../../../../runtime/build/common/together.js';

t.test('a failure is told when the others have ended', async (t) => {
  let ended = false;
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 50)).then(() => {
    ended = true;
  });
  await t.rejects(together([Promise.reject(new Error('first')), slow]), /first/);
  t.ok(ended);
  t.same(await together([1, Promise.resolve('two')]), [1, 'two']);
});
