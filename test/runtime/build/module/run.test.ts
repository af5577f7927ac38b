// SPDX-License-Identifier: MIT
// Modules that are built, linked and started: what differs from a compile alone.
import t from 'tap';
import { cli as dde } from '../../../fixtures/cli.js';
import { driver } from '../../../fixtures/layouts.js';

t.setTimeout(3_600_000);
const RUN = ['--device', 'edu', '--', 'idle', '--duration', '1'];

for (const kernel of process.env['DDE_LONG'] ? ['6.1', '6.12'] : ['6.1']) {
  t.test(`Linux ${kernel}`, async (t) => {
    await t.test('struct module, parameters, two modules in the order of their symbols', async (t) => {
      const dir = t.testdir({
        Kbuild: 'obj-m := top.o base.o\n',
        'base.c':
          '#include <linux/module.h>\nstatic int n;\nmodule_param(n, int, 0444);\nint base_n(void)\n{\n\treturn n;\n}\nEXPORT_SYMBOL(base_n);\nMODULE_LICENSE("GPL");\n',
        'top.c': driver(
          'int base_n(void);\nstatic char *word = "none";\nmodule_param(word, charp, 0444);\nMODULE_VERSION("1.2");',
          'pr_err("%s %s: %d %s\\n", THIS_MODULE->name, THIS_MODULE->version, base_n(), word);',
        ),
      });
      const ran = await dde([
        'run',
        dir,
        '--kernel',
        kernel,
        '--param',
        'base.n=7',
        '--param',
        'top.word=hello there',
        ...RUN,
      ]);
      t.equal(ran.code, 0, ran.stderr);
      t.match(ran.stderr, /top 1\.2: 7 hello there/);
    });

    await t.test('init_module() without macros, no pci_driver: init and exit are run, and it is said', async (t) => {
      const dir = t.testdir({
        Makefile: 'obj-m := old.o\n',
        'old.c':
          '#include <linux/module.h>\nint init_module(void)\n{\n\tpr_err("old: in\\n");\n\treturn 0;\n}\nvoid cleanup_module(void)\n{\n\tpr_err("old: out\\n");\n}\nMODULE_LICENSE("GPL");\n',
      });
      const ran = await dde(['run', dir, '--kernel', kernel, ...RUN]);
      t.equal(ran.code, 0, ran.stderr);
      t.match(ran.stderr, /old: in[\s\S]*old: out/);
      t.match(ran.stderr, /module old registered no pci_driver; its init and exit are run/);
    });

    await t.test('an init that fails is told as insmod would', async (t) => {
      const dir = t.testdir({
        Makefile: 'obj-m := bad.o\n',
        'bad.c':
          '#include <linux/module.h>\nstatic int __init bad(void)\n{\n\treturn -ENODEV;\n}\nmodule_init(bad);\nMODULE_LICENSE("GPL");\n',
      });
      const ran = await dde(['run', dir, '--kernel', kernel, ...RUN]);
      t.equal(ran.code, 5, ran.stderr);
      t.match(ran.stderr, /module bad could not be inserted: its init returned -19/);
    });

    await t.test('what is missing is named with its option, names of the C library too', async (t) => {
      const dir = t.testdir({
        Makefile: 'obj-m := bad.o\n',
        'bad.c': driver(
          '#include <linux/uio_driver.h>\nint poll(void);\nstatic struct uio_info info;',
          'poll();\n\terr = devm_uio_register_device(&pdev->dev, &info);\n\tif (err)\n\t\treturn err;',
        ),
      });
      const built = await dde(['build', dir, '--kernel', kernel]);
      t.equal(built.code, 4);
      t.match(built.stderr, /__devm_uio_register_device \(used by .*bad\.c\): drivers\/uio\/uio\.c, CONFIG_UIO/);
      t.match(built.stderr, /poll \(used by .*bad\.c\): nothing in Linux .* exports it/);
      const explained = await dde(['build', dir, '--kernel', kernel, '--explain', '--json']);
      t.equal(explained.code, 4);
      const { symbols } = JSON.parse(explained.stdout) as { symbols: { name: string; kind: string }[] };
      t.equal(symbols.find((s) => s.name === 'poll')?.kind, 'missing');
      t.equal(symbols.find((s) => s.name === 'pcim_enable_device')?.kind, 'real');
    });

    await t.test('a module without a licence is refused, as modpost does', async (t) => {
      const dir = t.testdir({
        Makefile: 'obj-m := bad.o\n',
        'bad.c': driver().replace('MODULE_LICENSE("GPL");\n', ''),
      });
      const built = await dde(['build', dir, '--kernel', kernel]);
      t.equal(built.code, 4);
      t.match(built.stderr, /missing MODULE_LICENSE\(\) in bad\.o/);
    });
  });
}
