// SPDX-License-Identifier: MIT
// Tests count what they started themselves, whoever else runs drivers on the machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { marked, ownProcesses } from '../../fixtures/e2e.js';

t.test('own ones and those of others', async (t) => {
  const [mine, theirs] = [marked('mine'), marked('theirs')];
  const start = async ({ env }: { readonly env: Readonly<Record<string, string>> }) => {
    const child = spawn('sh', ['-c', 'sleep 60 & wait'], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      detached: true,
    });
    t.teardown(() => process.kill(-(child.pid as number)));
    await once(child, 'spawn');
    await new Promise((resolve) => setTimeout(resolve, 300));
    return child.pid as number;
  };
  const pid = await start(mine);
  await start(theirs);
  const found = ownProcesses(mine);
  t.equal(found.length, 2, 'with its children');
  t.ok(found.some((one) => one.startsWith(`${pid} `)));
  t.equal(ownProcesses().filter((one) => /sleep 60/.test(one)).length, 0, 'another mark is not counted');
});
