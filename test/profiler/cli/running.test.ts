// SPDX-License-Identifier: MIT
// ps, attach and top where there is nothing to look at: each says what is wrong. On real drivers: test/e2e/13-attach.test.ts.
import { spawn } from 'node:child_process';
import t from 'tap';
import { cli } from '../../fixtures/cli.js';

t.test('ps', async (t) => {
  const end = await cli(['ps', '--json']);
  t.equal(end.code, 0);
  t.type(end.json<{ drivers: unknown[] }>().drivers, Array);
  t.equal((await cli(['ps'])).code, 0);
});

t.test('a process that is no driver, has ended, or is no process', async (t) => {
  const ended = spawn('true');
  await new Promise((resolve) => ended.once('exit', resolve));
  for (const verb of ['attach', 'top']) {
    const faults: [string, number, RegExp][] = [
      [String(process.pid), 5, /not one of your driver processes/],
      [String(ended.pid), 5, /is not running/],
      ['abc', 2, /"abc" is not a process ID/],
      ['-1', 2, /"-1" is not a process ID/],
    ];
    for (const [pid, code, text] of faults) {
      const end = await cli([verb, pid]);
      t.equal(end.code, code, `${verb} ${pid === String(process.pid) ? 'SELF' : pid}`);
      t.match(end.stderr, text);
    }
  }
  t.equal((await cli(['attach', '1', '--duration', '0'])).code, 2);
});
