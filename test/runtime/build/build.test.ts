// SPDX-License-Identifier: MIT
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildDriver } from '../../../runtime/build/build.js';

t.test('a missing source package is named with the command that installs it', async (t) => {
  process.env['DDE_PROFILE_KERNEL_SOURCE'] = t.testdir();
  process.env['DDE_PROFILE_CACHE'] = t.testdir();
  await t.rejects(buildDriver({ driver: 'e1000e', kernel: '6.1' }), {
    exitCode: 3,
    message: /the source of Linux 6\.1 is missing/,
    advice: 'apt-get install linux-source-6.1',
  });
});

t.test('a damaged tarball leaves nothing behind', async (t) => {
  const dir = t.testdir({ src: {} });
  writeFileSync(join(dir, 'src/linux-source-6.1.tar.xz'), 'not xz');
  process.env['DDE_PROFILE_KERNEL_SOURCE'] = join(dir, 'src');
  process.env['DDE_PROFILE_CACHE'] = join(dir, 'cache');
  const error = await buildDriver({ driver: 'e1000e', kernel: '6.1' }).catch((e: unknown) => e);
  t.match(error, { exitCode: 10, output: /xz|format/ });
  const { readdirSync } = await import('node:fs');
  t.same(readdirSync(join(dir, 'cache/src')), []);
});
