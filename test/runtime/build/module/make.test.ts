// SPDX-License-Identifier: MIT
// How an author's own make is followed, without a kernel: what is noted, and what is not done.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { kernelMakes } from '../../../../runtime/build/module/make.js';

async function follow(t: Test, files: Record<string, string>): ReturnType<typeof kernelMakes> {
  const dir = t.testdir({ m: files, work: {}, kernel: {} });
  return kernelMakes({ dir: join(dir, 'm'), work: join(dir, 'work'), kernel: join(dir, 'kernel'), version: '6.1.0' });
}

t.test('variables, flags with spaces, exported ones; ours are left out', async (t) => {
  const [make] = await follow(t, {
    Makefile:
      'export CONFIG_B := m\nKDIR ?= /x\nall:\n\t$(MAKE) -C $(KDIR) M=$(PWD) ARCH=arm CC=icc V=1 CONFIG_A=m EXTRA_CFLAGS="-DA -DB=\\"x y\\"" modules\nobj-m := a.o\n',
  });
  t.same(make?.variables, { CONFIG_A: 'm', EXTRA_CFLAGS: '-DA -DB="x y"' });
  t.equal(make?.env['CONFIG_B'], 'm');
});

t.test('a Kbuild file, or a makefile of Kbuild alone: nothing to follow', async (t) => {
  t.same(await follow(t, { Kbuild: 'obj-m := a.o\n' }), []);
  t.same(await follow(t, { Makefile: '# run make\nobj-m := a.o\n' }), []);
});

t.test('clean and install are not the build; sudo and insmod are refused', async (t) => {
  const makes = await follow(t, {
    Makefile:
      'obj-m := a.o\nall:\n\tmake -C /x M=$(PWD) clean\n\tmake -C /x M=$(PWD) modules\n\tmake -C /x M=$(PWD) modules_install\n\tsudo touch $(PWD)/ran\n\ttouch $(PWD)/after\n',
  });
  t.equal(makes.length, 1);
  t.notOk(existsSync(join(makes[0]?.dir ?? '', 'ran')));
  t.notOk(existsSync(join(makes[0]?.dir ?? '', 'after')), 'the refusal ends the makefile');
});

t.test('what is made before is there', async (t) => {
  const [make] = await follow(t, {
    Makefile: 'obj-m := a.o\nall: v.h\n\tmake -C /x SUBDIRS=`pwd`\nv.h:\n\techo 7 > v.h\n',
  });
  t.equal(readFileSync(join(make?.dir ?? '', 'v.h'), 'utf8'), '7\n');
});

t.test('a makefile that fails is no failure of ours', async (t) => {
  t.same(await follow(t, { Makefile: 'all:\n\tfalse\n\tmake -C /x M=$(PWD)\n' }), []);
});
