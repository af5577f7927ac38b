// SPDX-License-Identifier: MIT
import t from 'tap';
import { userConfig } from '../../../../runtime/build/kbuild/driver-tree.js';
import { compilerOutput, includeFlags } from '../../../../runtime/build/kbuild/kbuild.js';
import { undefinedNames } from '../../../../runtime/build/link/link.js';
import { isDriverObject, parseCmd } from '../../../../runtime/build/kbuild/objects.js';

t.test('what gcc said is kept, what Kbuild says of itself is not', async (t) => {
  const output = [
    '  CC      drivers/net/mii.o',
    "make[1]: Entering directory '/x'",
    'a.c:1:2: error: no',
    '    1 | x',
    '  AR      lib/lib.a',
    'make: *** [a.o] Error 1',
    'fs/x/Kconfig:105:warning: range is invalid',
    '<stdin>:569:2: warning: #warning syscall fstat not implemented [-Wcpp]',
  ];
  t.equal(compilerOutput(output.join('\n')), 'a.c:1:2: error: no\n    1 | x');
});

t.test('.cmd files', async (t) => {
  const text = `cmd_drivers/net/mii.o := cc -DKBUILD_MODFILE='"drivers/net/mii"' -o drivers/net/mii.o ../drivers/net/mii.c

source_drivers/net/mii.o := ../drivers/net/mii.c

deps_drivers/net/mii.o := \\
    $(wildcard include/config/NET) \\
  include/generated/autoconf.h \\
  ../include/linux/mii.h \\
  ../arch/dde/include/asm/../../../x86/include/asm/atomic.h \\
`;
  const { module, sources } = parseCmd(text);
  t.equal(module, 'drivers/net/mii');
  t.same(sources, ['drivers/net/mii.c', 'include/linux/mii.h', 'arch/x86/include/asm/atomic.h']);
  const object = { path: 'drivers/net/mii.o', module, sources };
  t.ok(isDriverObject(object, ['drivers/net/mii']));
  t.ok(isDriverObject(object, ['drivers/net/']));
  t.notOk(isDriverObject(object, ['drivers/net/m']));
});

t.test('flags for the linker script', async (t) => {
  const command =
    'savedcmd_a.o := cc -Wp,-MMD,.a.d -nostdinc -I../inc -I ../dir -include ../kconfig.h -include ../compiler_types.h -D__KERNEL__ -DX=\'"s"\' -O2 -c a.c\n';
  t.same(includeFlags(command), ['-nostdinc', '-I../inc', '-I', '../dir', '-include', '../kconfig.h', '-D__KERNEL__']);
});

t.test('options', async (t) => {
  const { kernel, module } = userConfig(['CONFIG_A=y', 'CONFIG_B="x"', 'CONFIG_C=m']);
  t.same(
    [...kernel],
    [
      ['A', 'y'],
      ['B', '"x"'],
    ],
  );
  t.same(module, { CONFIG_C: 'm' });
  t.throws(() => userConfig(['A=y']), { exitCode: 2, message: /CONFIG_NAME=value/ });
});

t.test('undefined names of a link', async (t) => {
  t.same(
    undefinedNames("x: undefined reference to `b'\ny: undefined reference to `a'\nz: undefined reference to `b'\n"),
    ['a', 'b'],
  );
});
