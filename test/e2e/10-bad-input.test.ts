// SPDX-License-Identifier: MIT
// Point 10: bad input, each with a clear message and its exit code.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { execa } from 'execa';
import t from 'tap';
import { cli, main } from '../fixtures/cli.js';
import { ends } from '../fixtures/e2e.js';

t.test('drivers', async (t) => {
  const unknown = await cli(['run', 'e1000f']);
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /unknown driver 'e1000f'[\s\S]*Did you mean e1000/);
  const symbol = await cli(['run', 'CONFIG_E1000F']);
  t.equal(symbol.code, 2);
  t.match(symbol.stderr, /CONFIG_E1000F/);
  const mismatch = await cli(['run', 'e1000e', '--device', 'rtl8139', '--', 'ping']);
  ends(t, mismatch, 5);
});

t.test('a module that does not compile: the error as gcc gives it', async (t) => {
  const dir = t.testdir({ Kbuild: 'obj-m := bad.o\n', 'bad.c': '#include <linux/module.h>\nint x = y;\n' });
  const end = await cli(['build', dir]);
  t.equal(end.code, 4);
  t.match(end.stderr, /bad\.c:2:9: error: .y. undeclared/);
});

t.test('no kernel source', async (t) => {
  const env = { DDE_PROFILE_KERNEL_SOURCE: t.testdir({}), DDE_PROFILE_CACHE: join(t.testdir({}), 'cache') };
  const end = await cli(['build', 'e1000e'], { env });
  t.equal(end.code, 3);
  t.match(end.stderr, /apt-get install linux-source-6\.1/);
});

t.test('QEMU dies at the start', async (t) => {
  const end = await cli(['run', 'e1000e', '--device', 'e1000e,nonsense=1', '--', 'ping']);
  ends(t, end, 6);
  t.match(end.stderr, /nonsense/);
});

t.test('a full disk', { skip: process.getuid?.() !== 0 && 'needs root to mount' }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'full-'));
  const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', dir], { reject: false });
  t.teardown(async () => {
    await execa('umount', ['-l', dir], { reject: false });
    rmSync(dir, { recursive: true, force: true });
  });
  if (mounted.exitCode !== 0) return t.plan(0, 'mount is not allowed here');
  const file = join(dir, 'run.ddet');
  const end = await cli(['record', 'e1000e', '-o', file, '--irq', 'intx', '--', 'ping', '--count', '20000']);
  ends(t, end, 10);
  t.match(end.stderr, /[Nn]o space/);
  const nowhere = await cli(['record', 'e1000e', '-o', '/nowhere/run.ddet', '--', 'ping']);
  t.equal(nowhere.code, 10);
});

t.test('trace files', async (t) => {
  const dir = t.testdir({ empty: '', text: 'not a trace' });
  const good = join(dir, 'good.ddet');
  const made = await cli(['record', 'e1000e', '-o', good, '--irq', 'intx', '--', 'ping', '--count', '10']);
  ends(t, made);
  for (const name of ['empty', 'text', 'missing']) {
    const end = await cli(['report', join(dir, name)]);
    t.equal(end.code, 9, name);
    t.match(end.stderr, new RegExp(name));
  }
  const bytes = readFileSync(good);
  const newer = Buffer.from(bytes);
  newer.writeUInt32LE(99, 8);
  newer.writeUInt32LE(99, 12);
  newer.writeUInt32LE(crc32(newer.subarray(0, 28)), 28);
  writeFileSync(join(dir, 'newer.ddet'), newer);
  const end = await cli(['report', join(dir, 'newer.ddet')]);
  t.equal(end.code, 9);
  t.match(end.stderr, /version/);
  // The fuzzing of 1,000 files is the decoder's own test; here the whole tool must not fall over.
  for (const share of [0.2, 0.5, 0.9]) {
    const cut = join(dir, `cut-${share}.ddet`);
    writeFileSync(cut, bytes.subarray(0, Math.round(bytes.length * share)));
    const { code, stderr } = await cli(['report', cut]);
    t.ok(code === 0 || code === 9, `cut at ${share}: ${code} ${stderr.slice(0, 200)}`);
  }
  const out = await execa('sh', ['-c', `"${process.execPath}" "${main}" report "${good}" | head -1`], {
    env: { NODE_OPTIONS: '' },
  });
  t.match(out.stdout, /./, 'a reader that goes away is no fault');
});
