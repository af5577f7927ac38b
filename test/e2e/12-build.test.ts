// SPDX-License-Identifier: MIT
// Builds as a developer of the port or of a module meets them: edits, several at once, modules of all shapes.
import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readManifest } from '../../runtime/build/describe/manifest.js';
import { repoRoot } from '../../runtime/build/common/paths.js';

interface Done {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

function build(root: string, ...args: string[]): Promise<Done> {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, [join(root, 'dist/runtime/build/main.js'), ...args]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += String(chunk);
    });
    child.on('close', (code) => resolve({ code, stdout, stderr, seconds: (performance.now() - start) / 1000 }));
  });
}

const repo = repoRoot();

t.test('an edit compiles what it touches', async (t) => {
  const copy = t.testdir();
  for (const part of ['dist/runtime', 'dist/tracer', 'runtime', 'kmod/uapi', 'tracer', 'samples', 'package.json']) {
    cpSync(join(repo, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(repo, 'node_modules'), join(copy, 'node_modules'));
  t.equal((await build(copy, 'e1000e')).code, 0);
  const again = await build(copy, 'e1000e');
  t.comment(`nothing changed: ${again.seconds.toFixed(1)} s`);

  appendFileSync(join(copy, 'runtime/ddekit/main.c'), '\n/* an edit */\n');
  const ddekit = await build(copy, 'e1000e');
  t.equal(ddekit.code, 0);
  t.comment(`an edit in ddekit: ${ddekit.seconds.toFixed(1)} s`);
  t.notMatch(ddekit.stderr, /compiling the core/, 'no kernel file is compiled');
  t.not(ddekit.stdout, again.stdout);

  appendFileSync(join(copy, 'runtime/arch/dde/kernel/irq.c'), '\n/* an edit */\n');
  const arch = await build(copy, 'e1000e');
  t.equal(arch.code, 0);
  t.comment(`an edit in arch/dde: ${arch.seconds.toFixed(1)} s`);

  appendFileSync(join(copy, 'runtime/arch/dde/kernel/irq.c'), '\nint broken = ;\n');
  const broken = await build(copy, 'e1000e');
  t.equal(broken.code, 4);
  t.match(broken.stderr, /runtime\/arch\/dde\/kernel\/irq\.c:\d+:\d+: error:/, 'the path is that of the edited file');
});

t.test('two drivers at once', async (t) => {
  const [a, b] = await Promise.all([build(repo, 'CONFIG_8139TOO'), build(repo, 'CONFIG_VMXNET3')]);
  t.equal(a.code, 0, a.stderr);
  t.equal(b.code, 0, b.stderr);
  const manifests = await Promise.all(
    [a, b].map((r) => readManifest(r.stdout.trim().replace(/driver$/, 'manifest.json'))),
  );
  t.same(manifests[0]?.driverObjects, ['drivers/net/ethernet/realtek/8139too.o']);
  t.same(manifests[1]?.driverObjects.length, 2);
});

const MAIN = `#include <linux/module.h>
#include <linux/pci.h>
#ifndef MODULE
#error not compiled as a module
#endif
int extra(struct pci_dev *d);
static const struct pci_device_id ids[] = { { PCI_DEVICE(0x1234, 0x11e8) }, {} };
static int probe(struct pci_dev *d, const struct pci_device_id *i) { return pci_enable_device(d) ?: extra(d) + OFFSET; }
static void remove(struct pci_dev *d) { pci_disable_device(d); }
static struct pci_driver drv = { .name = "shape", .id_table = ids, .probe = probe, .remove = remove };
module_pci_driver(drv);
MODULE_LICENSE("GPL");
`;
const EXTRA = '#include <linux/pci.h>\nint extra(struct pci_dev *d);\nint extra(struct pci_dev *d) { return 0; }\n';
const KBUILD = 'obj-m := shape.o\nshape-objs := main.o sub/extra.o\nccflags-y := -DOFFSET=0\n';
const SHAPES: [name: string, file: string, text: string][] = [
  ['kbuild', 'Kbuild', KBUILD],
  [
    'guarded',
    'Makefile',
    `ifneq ($(KERNELRELEASE),)\n${KBUILD}else\nall:\n\t$(MAKE) -C /nowhere M=$(CURDIR) modules\nendif\n`,
  ],
  ['plain', 'Makefile', `${KBUILD}all:\n\tmake -C /nowhere M=$(PWD) modules\nclean:\n\trm -f *.o\n`],
];

t.test('modules outside the tree', async (t) => {
  const dir = t.testdir();
  for (const [name, file, text] of SHAPES) {
    mkdirSync(join(dir, name, 'sub'), { recursive: true });
    writeFileSync(join(dir, name, file), text);
    writeFileSync(join(dir, name, 'main.c'), MAIN);
    writeFileSync(join(dir, name, 'sub/extra.c'), EXTRA);
    const done = await build(repo, join(dir, name));
    t.equal(done.code, 0, `${name}: ${done.stderr}`);
    const manifest = await readManifest(done.stdout.trim().replace(/driver$/, 'manifest.json'));
    t.equal(manifest.outOfTree, join(dir, name));
    t.same(manifest.driverObjects, ['main.o', 'sub/extra.o']);
    t.ok(manifest.apiSymbols.includes('pci_enable_device'));
  }
  appendFileSync(join(dir, 'plain/main.c'), 'int broken(void) { return foo; }\n');
  const broken = await build(repo, join(dir, 'plain'));
  t.equal(broken.code, 4);
  t.ok(broken.stderr.includes(`${join(dir, 'plain/main.c')}:13:27: error: `), broken.stderr);
});

t.test('what a kernel without MMU cannot have is named', async (t) => {
  const done = await build(repo, 'CONFIG_DRM_BOCHS');
  t.equal(done.code, 4);
  t.match(done.stderr, /CONFIG_DRM_BOCHS cannot be switched on.*MMU is not met/);
});
