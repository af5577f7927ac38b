// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../../../profiler/setup/root.js';
import { endingFunctions, readGuards, thunkSource } from '../../../../runtime/build/link/thunks.js';

t.test('guards.txt', async (t) => {
  const guards = readGuards('# text\nmsleep sleep\n\n__kmalloc gfp=2 # more\nqueue_work_on\tsite object=3\n');
  t.strictSame(
    [...guards],
    [
      ['msleep', 0x1001],
      ['__kmalloc', 0x1200],
      ['queue_work_on', 0x3002],
    ],
  );
  for (const bad of [
    'f slep',
    'f gfp=7',
    'f object',
    'f sleep=1',
    'f gives=all',
    'f gives=',
    'f takes=0',
    'f made=class',
    'f made=class:7',
    'f ended=class:result',
    'f put=*1',
  ])
    t.throws(() => readGuards(bad), /no such word/);
  const real = join(projectRoot, 'runtime/arch/dde/tables/guards.txt');
  t.ok(readGuards(readFileSync(real, 'utf8')).size > 40, 'the real one is read');
});

t.test('a guarded call goes through its guard, whether it is traced or not', async (t) => {
  const source = thunkSource(['kfree', 'msleep'], readGuards('msleep sleep'));
  t.match(source, /__ddethunk_msleep:\n\t\.byte 0xe9\n\t\.long __ddeguard_msleep - \. - 4/);
  t.match(source, /\.quad __ddethunk_msleep, __ddeguard_msleep\n/);
  t.match(source, /__ddethunk_kfree:\n\t\.byte 0xe9\n\t\.long kfree - \. - 4/);
  t.match(source, /\.quad __ddethunk_kfree, kfree\n/);
});

t.test('what gives is called, what takes is jumped to', async (t) => {
  const guards = readGuards('pci_iomap gives=iomap\npci_iounmap takes=2\nvmalloc sleep gives=memory');
  t.strictSame([...guards.values()], [0x41000, 0x201000, 0x11001]);
  const jump = (source: string, name: string): string | undefined =>
    new RegExp(`__ddeguard_${name}:[^:]*1:[^:]*\\tjmp (dde_\\w+)`).exec(source)?.[1];
  const all = thunkSource(['pci_iomap', 'pci_iounmap', 'vmalloc'], guards);
  t.equal(jump(all, 'pci_iomap'), 'dde_guard_gives');
  t.equal(jump(all, 'pci_iounmap'), 'dde_guard_entry');
  t.equal(jump(all, 'vmalloc'), 'dde_guard_gives');
});

t.test('what makes an object is called, what ends it is jumped to, and both tell of the same class', async (t) => {
  const guards = readGuards('kthread_create_on_node made=thread:result\nled_on made=led:*2\nled_off sleep put=led:1');
  const [thread, on, off] = [...guards.values()].map((what) => BigInt(what));
  t.equal(thread, (1n << 32n) | (7n << 40n) | 0x1000n);
  t.equal(on, (BigInt(on ?? 0) & (0xffn << 32n)) | (12n << 40n) | 0x1000n);
  t.equal(off, (BigInt(on ?? 0) & (0xffn << 32n)) | (1n << 45n) | (1n << 48n) | 0x1001n, 'the class of what it ends');
  const source = thunkSource(['kthread_create_on_node', 'led_off'], guards);
  t.match(source, /movabsq \$0x70100001000, %r10\n\tjmp dde_guard_gives/);
  t.match(source, /__ddeguard_led_off:[^:]*1:[^:]*\tjmp dde_guard_entry/);
  t.strictSame([...endingFunctions(guards)], ['led_off'], 'its address may be handed over');
});
