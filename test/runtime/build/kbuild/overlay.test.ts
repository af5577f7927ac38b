// SPDX-License-Identifier: MIT
import { readFileSync, realpathSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cloneTree } from '../../../../runtime/build/common/clone.js';
import { createView, readOverlay, syncOverlay } from '../../../../runtime/build/kbuild/overlay.js';

const repo = (io: string) => ({
  runtime: {
    arch: {
      dde: {
        Makefile: 'obj-y :=',
        'README.md': 'x',
        kernel: { 'irq.c': 'int irq;' },
        include: { asm: { 'io.h': io } },
      },
    },
    ddekit: { include: { ddekit: { 'irq.h': '#define A' } }, 'main.c': 'not ours' },
  },
  tracer: { abi: { 'ddetrace.h': 'x', 'ddet_abi.h': 'y' }, emit: { 'ddet_cpu.h': 'not ours', 'emit.c': 'z' } },
});

t.test('which files are laid over the kernel', async (t) => {
  const overlay = await readOverlay(t.testdir(repo('a')));
  t.same(overlay.files.map((f) => f.path).sort(), [
    'Makefile',
    'include/asm/io.h',
    'include/ddekit/irq.h',
    'include/ddet/ddet_abi.h',
    'include/ddet/ddetrace.h',
    'kernel/irq.c',
  ]);
});

t.test('view, change, clone', async (t) => {
  const dir = t.testdir({
    source: {
      Makefile: 'VERSION = 6',
      lib: { 'a.c': 'int a;' },
      arch: { x86: { 'x.h': 'x' }, Kconfig: 'k' },
    },
    repo: repo('a'),
  });
  const view = join(dir, 'view');
  await createView(join(dir, 'source'), view);
  const changed = await syncOverlay(await readOverlay(join(dir, 'repo')), view);
  t.equal(changed.length, 6);
  const fromHeader = join(view, 'arch/dde/include/asm/../../../x86/x.h');
  t.equal(readFileSync(fromHeader, 'utf8'), 'x', 'relative includes from arch/dde reach the other machines');
  t.equal(realpathSync(join(view, 'lib/a.c')), realpathSync(join(dir, 'source/lib/a.c')));

  const object = join(view, 'obj/a.o');
  const command = join(view, 'obj/.a.o.cmd');
  for (const file of [object, command, join(view, 'arch/dde/kernel/irq.c')]) {
    if (!file.endsWith('.c')) writeFileSync(file, 'old');
    utimesSync(file, 1000, 1000);
  }
  const copy = join(dir, 'copy');
  await cloneTree(view, copy);
  t.equal(statSync(join(copy, 'obj/a.o')).ino, statSync(object).ino, 'objects are shared');
  t.not(statSync(join(copy, 'obj/.a.o.cmd')).ino, statSync(command).ino, 'what Kbuild rewrites is not');
  t.equal(statSync(join(copy, 'obj/.a.o.cmd')).mtimeMs, 1_000_000);

  writeFileSync(join(dir, 'repo/runtime/arch/dde/include/asm/io.h'), 'b');
  t.same(await syncOverlay(await readOverlay(join(dir, 'repo')), copy), ['include/asm/io.h'], 'only what differs');
  t.equal(statSync(join(copy, 'arch/dde/kernel/irq.c')).mtimeMs, 1_000_000);
  t.equal(readFileSync(join(view, 'arch/dde/include/asm/io.h'), 'utf8'), 'a', 'the original is untouched');
});
