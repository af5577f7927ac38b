// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import t from 'tap';
import { parseMakefile } from '../../../../runtime/build/target/makefiles.js';
import { resolveDriver } from '../../../../runtime/build/target/resolve.js';
import type { KernelSource } from '../../../../runtime/build/source/source.js';

t.test('Makefile lines', async (t) => {
  const text = [
    'obj-$(CONFIG_A) += a.o \\',
    '\tsub/ # a remark',
    'obj-$(CONFIG_B)\t:= b-c.o',
    'a-y := x.o',
    'obj-y += always.o',
  ];
  t.same(parseMakefile(text.join('\n'), 'drivers/x'), [
    { symbol: 'A', dir: 'drivers/x', name: 'a' },
    { symbol: 'A', dir: 'drivers/x', name: 'sub/' },
    { symbol: 'B', dir: 'drivers/x', name: 'b-c' },
  ]);
});

const many = Array.from({ length: 20 }, (_, i) => `obj-$(CONFIG_M${i}) += m${i}.o`).join('\n');
const cache = t.testdir({
  kernel: {
    Kconfig: '',
    drivers: {
      net: {
        Makefile: 'obj-$(CONFIG_CARD) += card/\nobj-$(CONFIG_ONE) += one.o\n',
        card: { Makefile: 'obj-$(CONFIG_CARD) += card.o\nobj-$(CONFIG_CARD_PLUS) += card-plus.o\n' },
        empty: { Makefile: 'obj-y += x.o\n' },
        opened: { Makefile: '' },
      },
      many: { Makefile: many },
      misc: { Makefile: 'obj-$(CONFIG_MISC_ONE) += one.o\nobj-$(CONFIG_OPENS) += opened/\n' },
    },
    sound: { Makefile: '' },
    net: { Makefile: '' },
    fs: { Makefile: '' },
    crypto: { Makefile: '' },
    lib: { Makefile: '' },
  },
  module: { Kbuild: 'obj-m := mine.o\n' },
  plain: { 'a.c': '' },
});
process.env['DDE_PROFILE_CACHE'] = cache;
const dir = join(cache, 'kernel');
const source: KernelSource = { series: '6.1', version: '6.1.0', id: 'test', dir, tarball: '' };

t.test('what DRIVER can be', async (t) => {
  const sample = await resolveDriver('e1000e', source);
  t.equal(sample.sample?.device.qemu, 'e1000e');
  t.same(sample.symbols, ['E1000E']);

  const symbol = await resolveDriver('CONFIG_CARD', source);
  t.match(symbol, { name: 'card', symbols: ['CARD'], modules: ['drivers/net/card/card'], anyOf: false });
  t.match((await resolveDriver('CONFIG_OPENS', source)).modules, ['drivers/misc/opened/']);

  const folder = {
    name: 'card',
    symbols: ['CARD', 'CARD_PLUS'],
    modules: ['drivers/net/card/'],
    anyOf: true,
  };
  t.match(await resolveDriver('drivers/net/card/', source), folder);
  t.match(await resolveDriver(join(dir, 'drivers/net/card'), source), folder, 'a path into a kernel tree');
  t.match(await resolveDriver('card_plus', source), { name: 'card_plus', symbols: ['CARD_PLUS'] });

  const module = await resolveDriver(join(cache, 'module'), source);
  t.match(module, { name: 'module', symbols: [], outOfTree: join(cache, 'module') });
});

t.test('what it cannot be', async (t) => {
  const bad: [string, RegExp][] = [
    ['nonsense', /neither a sample nor a module/],
    ['CONFIG_NONSENSE', /no Makefile of this kernel builds anything for it/],
    ['one', /several symbols build a module of this name: CONFIG_MISC_ONE, CONFIG_ONE/],
    ['drivers/many', /holds 20 drivers \(CONFIG_M0/],
    ['drivers/net/empty', /builds no module/],
    ['./nowhere', /no such folder/],
    [join(cache, 'plain'), /neither a Kbuild file nor a Makefile/],
  ];
  for (const [spec, message] of bad) await t.rejects(resolveDriver(spec, source), { message, exitCode: 2 }, spec);
});
