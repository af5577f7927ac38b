// SPDX-License-Identifier: MIT
// The module's source: built without a warning for each kernel, sparse-clean, in the kernel's style.
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { hashOf } from '../../runtime/build/common/hash.js';
import { repoRoot, tarballDir } from '../../runtime/build/common/paths.js';
import { guestCache } from '../guest/cache.js';
import { buildKmod, KERNELS, kernel } from '../guest/index.js';

const KMOD = join(repoRoot(), 'kmod');

await t.test('builds for each kernel without a warning', { timeout: 900_000 }, async (t) => {
  for (const name of KERNELS) {
    const found = await kernel(name);
    const { stdout } = await execa('/sbin/modinfo', [await buildKmod(found)]);
    t.match(stdout, new RegExp(`^vermagic:\\s+${found.release.replaceAll('+', '\\+')} SMP`, 'm'), name);
    t.match(stdout, /^license:\s+GPL$/m);
  }
});

await t.test('sparse and the compiler with all of its warnings', { timeout: 900_000 }, async (t) => {
  const { headers } = await kernel('6.1');
  const work = join(t.testdir({}), 'kmod');
  await execa('cp', ['-r', KMOD, work]);
  const { all, exitCode } = await execa('make', [`KDIR=${headers}`, 'W=1', 'sparse'], {
    cwd: work,
    all: true,
    reject: false,
  });
  t.equal(exitCode, 0);
  t.match(all, /CHECK .*window\.c/, 'sparse ran');
  t.strictSame(
    all.split('\n').filter((line) => /\b(warning|error):/i.test(line)),
    [],
  );
});

/** The kernel's own checker, out of the package of its source. */
async function checkpatch(): Promise<string> {
  const tarball = join(tarballDir(), 'linux-source-6.1.tar.xz');
  const version = await execa('dpkg-query', ['-W', '-f', '${Version}', 'linux-source-6.1']);
  const folder = join(guestCache(), `checkpatch-${hashOf(tarball, version.stdout)}`);
  if (!existsSync(folder)) {
    const work = `${folder}.${process.pid}`;
    await mkdir(work, { recursive: true });
    const files = ['checkpatch.pl', 'spelling.txt', 'const_structs.checkpatch'].map((name) => `*/scripts/${name}`);
    await execa('tar', ['-xf', tarball, '-C', work, '--strip-components=2', '--wildcards', ...files]);
    await rename(work, folder).catch(() => rm(work, { recursive: true }));
  }
  return join(folder, 'checkpatch.pl');
}

/** What checkpatch takes for a fault though it is none: it knows LINUX_VERSION_CODE for in-tree code only. */
const IGNORED = 'LINUX_VERSION_CODE,CONSTANT_COMPARISON,EMBEDDED_FILENAME,SPDX_LICENSE_TAG';

await t.test('checkpatch', { timeout: 900_000 }, async (t) => {
  const sources = readdirSync(KMOD).filter((name) => /\.[ch]$/.test(name));
  const args = ['--no-tree', '--terse', '--no-summary', '--max-line-length=100', `--ignore=${IGNORED}`, '-f'];
  const script = await checkpatch();
  const { stdout } = await execa('perl', [script, ...args, ...sources, 'uapi/uio_dma.h'], { cwd: KMOD, reject: false });
  t.strictSame(
    stdout.split('\n').filter((line) => /: (ERROR|WARNING)/.test(line)),
    [],
  );
});

await t.test('each file says under which licence it is', async (t) => {
  for (const folder of ['', 'uapi', 'selftest']) {
    for (const name of readdirSync(join(KMOD, folder)).filter((one) =>
      /\.[ch]$|^(Kbuild|Makefile)$|\.(conf|rules)$/.test(one),
    )) {
      const text = await readFile(join(KMOD, folder, name), 'utf8');
      t.match(text.slice(0, 120), /SPDX-License-Identifier: GPL-2\.0-only/, join(folder, name));
    }
  }
});
