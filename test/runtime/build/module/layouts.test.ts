// SPDX-License-Identifier: MIT
// Each way of laying out a module compiles with Kbuild, as modules, and leaves nothing in the user's folder.
import { mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { ensureBase } from '../../../../runtime/build/kbuild/base.js';
import { ensureToolchain, Kbuild } from '../../../../runtime/build/kbuild/kbuild.js';
import { readOverlay } from '../../../../runtime/build/kbuild/overlay.js';
import { repoRoot } from '../../../../runtime/build/common/paths.js';
import { compileModules, type CompiledModules } from '../../../../runtime/build/module/compile.js';
import { ensureSource } from '../../../../runtime/build/source/source.js';
import { driver, LAYOUTS } from '../../../fixtures/layouts.js';

t.setTimeout(3_600_000);

const work = mkdtempSync(join(tmpdir(), 'dde-layouts-'));
t.teardown(() => rmSync(work, { recursive: true, force: true }));
let serial = 0;

async function compiler(
  series: string,
): Promise<(from: string, variables?: Readonly<Record<string, string>>) => Promise<CompiledModules>> {
  const source = await ensureSource(series);
  const [toolchain, overlay] = await Promise.all([ensureToolchain(source), readOverlay(repoRoot())]);
  const base = await ensureBase(source, toolchain, overlay, () => {});
  const kbuild = new Kbuild(source, { tree: base.dir, cc: toolchain.cc, what: 'a module', onProgress: () => {} });
  return (from, variables = {}) =>
    compileModules(kbuild, { from, work: join(work, String(serial++)), version: source.version, variables });
}

function tree(dir: string): string[] {
  return readdirSync(dir, { recursive: true }).map(String).sort();
}

const SERIES = process.env['DDE_LONG'] ? ['6.1', '6.12'] : ['6.1'];

for (const series of SERIES) {
  t.test(`Linux ${series}`, async (t) => {
    const compile = await compiler(series);
    for (const layout of LAYOUTS) {
      await t.test(layout.name, async (t) => {
        const dir = t.testdir(layout.files);
        const before = tree(dir);
        const { modules } = await compile(join(dir, layout.build ?? '.'), layout.variables);
        t.same(
          modules.map((m) => m.name),
          layout.modules,
        );
        t.ok(modules.every((m) => m.objects.length > 0 && m.objects.every((o) => o.sources.length > 0)));
        t.same(tree(dir), before, 'nothing is left in the folder');
      });
    }

    await t.test('an option that is not set is named, with the way to set it', async (t) => {
      const dir = t.testdir({ Kbuild: 'obj-$(CONFIG_ONE) += one.o\n', 'one.c': driver() });
      await t.rejects(compile(dir), {
        exitCode: 4,
        message: /Kbuild: one\.o is built with CONFIG_ONE: --config CONFIG_ONE=m/,
      });
    });

    await t.test('errors of the compiler name the file as the user knows it', async (t) => {
      const dir = t.testdir({ 'a b': { Makefile: 'obj-m := one.o\n', 'one.c': `${driver()}int x = nothing;\n` } });
      const error = (await compile(join(dir, 'a b')).catch((e: unknown) => e)) as { output?: string };
      t.ok(error.output?.includes(`${join(dir, 'a b', 'one.c')}:`), error.output ?? 'no output');
    });

    await t.test('links, FIFOs, sockets and large files are passed over', async (t) => {
      const dir = t.testdir({ Makefile: 'obj-m := one.o\n', 'one.c': driver('#include "link.h"'), 'real.h': '' });
      symlinkSync('/nowhere/at/all', join(dir, 'dangling.c'));
      symlinkSync('.', join(dir, 'loop'));
      symlinkSync('real.h', join(dir, 'link.h'));
      execFileSync('mkfifo', [join(dir, 'fifo.c')]);
      writeFileSync(join(dir, 'large.bin'), '');
      truncateSync(join(dir, 'large.bin'), 2 ** 31);
      t.same(
        (await compile(dir)).modules.map((m) => m.name),
        ['one'],
      );
    });

    await t.test('what is read outside the folder is known afterwards', async (t) => {
      const dir = t.testdir({
        up: { 'up.h': '' },
        m: { Makefile: 'obj-m := one.o\nccflags-y := -I$(src)/../up\n', 'one.c': driver('#include "up.h"') },
      });
      t.same((await compile(join(dir, 'm'))).outside, [join(dir, 'up/up.h')]);
    });
  });
}
