// SPDX-License-Identifier: MIT
// A tool that failed because of the disk says so, whatever it was doing; all wrong --config are told at once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { compileFailed, extractFailed, linkFailed } from '../../../runtime/build/errors.js';
import { solveDriver, userConfig } from '../../../runtime/build/kbuild/driver-tree.js';
import { parseKconfig } from '../../../runtime/build/kconfig/parse.js';
import { cli } from '../../fixtures/cli.js';

t.test('a full disk', async (t) => {
  const full = 'tar: x: Cannot write: No space left on device';
  for (const error of [extractFailed('a.tar.xz', full), compileFailed('x', full), linkFailed('x', full)])
    t.match(error, { exitCode: 10, code: 'ERR_DDE_DISK', advice: /DDE_PROFILE_CACHE/, output: full });
  t.match(compileFailed('x', 'x.c:1: error'), { exitCode: 4 });
  t.match(extractFailed('a.tar.xz', 'tar: This does not look like a tar archive'), { exitCode: 10 });
});

t.test('extraction on a full disk: exit 10', async (t) => {
  const dir = t.testdir({ tree: { Makefile: 'VERSION = 6\n' }, cache: {} });
  writeFileSync(join(dir, 'tree', 'big'), Buffer.alloc(4 << 20));
  await execa('tar', [
    '-cJf',
    join(dir, 'linux-source-6.1.tar.xz'),
    '-C',
    dir,
    '--transform',
    's/tree/linux-source-6.1/',
    'tree',
  ]);
  // A limit of the size of files stands for a disk that is full.
  const script = join(dir, 'limited');
  writeFileSync(script, `#!/bin/sh\nulimit -f 1000\ntrap '' XFSZ\nexec /bin/tar "$@"\n`, { mode: 0o755 });
  const bin = join(dir, 'bin');
  await execa('mkdir', [bin]);
  await execa('mv', [script, join(bin, 'tar')]);
  const env = {
    DDE_PROFILE_KERNEL_SOURCE: dir,
    DDE_PROFILE_CACHE: join(dir, 'cache'),
    PATH: `${bin}:${process.env['PATH']}`,
  };
  const end = await cli(['build', 'e1000e'], { env });
  t.equal(end.code, 10, end.stderr);
  t.match(end.stderr, /extracting .*linux-source-6\.1\.tar\.xz failed: (File too large|Wrote only)/);
});

const TEXT = `
config CARD
	bool "Card"
config OLD
	bool "Old"
	depends on MISSING
config LONELY
	bool "Lonely"
	depends on ALSO_MISSING
`;
const KCONFIG = parseKconfig((path) => (path === 'Kconfig' ? TEXT : undefined));

t.test('all wrong --config at once', async (t) => {
  t.throws(() => userConfig(['CONFIG_A=y', 'nonsense', '=x']), { message: /'nonsense'[\s\S]*'=x'/ });
  const driver = { name: 'card', symbols: ['CARD'], fragment: '', anyOf: false };
  const config = ['CONFIG_OLD=y', 'CONFIG_NOWHERE=y', 'CONFIG_LONELY=y', 'CONFIG_NUMBER=5'];
  t.throws(() => solveDriver(KCONFIG, new Map(), driver, config), {
    code: 'ERR_DDE_UNMET_DEPENDENCY',
    message: /CONFIG_NUMBER[\s\S]*CONFIG_OLD[\s\S]*CONFIG_NOWHERE[\s\S]*CONFIG_LONELY/,
  });
  t.strictSame(solveDriver(KCONFIG, new Map(), driver, []).possible, ['CARD']);
});
