// SPDX-License-Identifier: MIT
// A peer whose worker has ended, or fails, keeps nobody waiting.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { waitUntil } from '../../../fixtures/e2e.js';
import { startPeer } from '../../../../profiler/run/peer/peer.js';

function script(dir: string, text: string): URL {
  const file = join(dir, 'worker.mjs');
  writeFileSync(file, text);
  return pathToFileURL(file);
}

t.test('stop after the worker has ended', { timeout: 5000 }, async (t) => {
  const peer = startPeer({}, (error) => t.fail(String(error)), undefined, script(t.testdir({}), ''));
  await sleep(1500);
  await peer.stop();
  t.pass('it returns');
});

t.test('an error in the worker is told', { timeout: 20_000 }, async (t) => {
  const errors: unknown[] = [];
  const peer = startPeer(
    {},
    (error) => errors.push(error),
    undefined,
    script(t.testdir({}), 'throw new Error("broken");'),
  );
  await waitUntil(() => errors.length > 0, 10_000);
  await peer.stop();
  t.match(errors, [{ message: 'broken' }]);
});
