// SPDX-License-Identifier: MIT
// The harness's parts that need no guest.
import { execa } from 'execa';
import t from 'tap';
import { cpio, file, folder, link } from './cpio.js';
import { LOG_MARK } from './init.js';
import { faultLines, kernelLog } from './log.js';
import { moduleName } from './modules.js';
import { OutputReader } from './output.js';
import { parseQmp } from './qmp.js';
import { qemuArguments } from './qemu.js';

t.test('an initramfs that cpio reads', async (t) => {
  const archive = cpio([file('/usr/bin/tool', 'text', true), link('/bin/sh', 'busybox'), folder('empty')]);
  const { stdout } = await execa('/bin/busybox', ['cpio', '-tv'], { input: archive });
  t.match(stdout, /-rwxr-xr-x\s+0\/0\s+4 .* usr\/bin\/tool/);
  t.match(stdout, /bin\/sh -> busybox/);
  t.match(stdout, /drwxr-xr-x .* usr\/bin$/m, 'folders above come by themselves');
  t.match(stdout, /empty$/m);
});

t.test('faults in a log', (t) => {
  const faulty = [
    '[    1.0] BUG: kernel NULL pointer dereference, address: 0000000000000008',
    '[    1.0] WARNING: CPU: 0 PID: 12 at mm/page_alloc.c:4000 x+0x1/0x2',
    '[    1.0] Oops: 0002 [#1] PREEMPT SMP',
    '[    1.0] DMAR: [DMA Write NO_PASID] Request device [00:04.0] fault addr 0x50000000',
    '[    1.0] rcu: INFO: rcu_preempt self-detected stall on CPU',
    '[    1.0] INFO: task uio_dma_test:60 blocked for more than 120 seconds.',
    '[    1.0] BUG: KASAN: use-after-free in x+0x1/0x2 [uio_dma]',
    '[    1.0] uio_dma_fuzz: page allocation failure: order:10, mode:0xcc0',
    '[    1.0] refcount_t: underflow; use-after-free.',
    '[    1.0] DMA-API: e1000e 0000:00:04.0: device driver has pending DMA allocations',
  ];
  const clean = [
    '[    0.0] DMAR: Host address width 39',
    '[    0.0] Spectre V2 : WARNING was here without a colon',
    '[    0.0] uio_dma: module verification failed: signature and/or required key missing',
    '[    0.0] Debugging: none',
  ];
  t.strictSame(faultLines([...clean, ...faulty, ''].join('\n')), faulty);
  t.strictSame(faultLines(faulty.join('\n'), [/DMAR/]).length, faulty.length - 1, 'what is allowed is left out');
  t.equal(kernelLog(`boot\r\n${LOG_MARK}\r\nlog\r\n`).trim(), 'log');
  t.equal(kernelLog('boot\r\npanic').trim(), 'boot\npanic', 'without the mark all counts');
  t.end();
});

t.test('output and lines for the harness', async (t) => {
  const seen: string[] = [];
  const asked: string[] = [];
  const text = 'before\n@n start\none\ntw\n@n qmp device_del {"id":"x"}\no ü\n\n@n exit 3\n';
  for (const size of [1, 2, 7, 1000]) {
    seen.length = 0;
    asked.length = 0;
    const reader = new OutputReader(
      '@n',
      (part) => seen.push(part),
      async (command) => asked.push(command),
    );
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i += size) reader.push(bytes.subarray(i, i + size));
    await reader.finish();
    t.equal(reader.output, 'beforeone\ntwo ü\n', `in pieces of ${size}`);
    t.equal(seen.join(''), reader.output);
    t.equal(reader.code, 3);
    t.ok(reader.started);
    t.strictSame(asked, ['device_del {"id":"x"}']);
  }
  const failing = new OutputReader('@n', undefined, () => Promise.reject(new Error('no such device')));
  failing.push(Buffer.from('\n@n fail insmod x.ko\n\n@n qmp device_del {}\n'));
  await failing.finish();
  t.strictSame(failing.failures, ['guest: insmod x.ko failed', 'no such device']);
});

t.test('commands for QEMU', (t) => {
  t.strictSame(parseQmp('stop'), { name: 'stop', line: '{"execute":"stop"}' });
  t.equal(
    parseQmp('device_add {"dma_mask":18446744073709551615}').line,
    '{"execute":"device_add","arguments":{"dma_mask":18446744073709551615}}',
  );
  t.throws(() => parseQmp(''), { code: 'ERR_GUEST_USAGE', message: /missing command/ });
  t.throws(() => parseQmp('stop {'), { code: 'ERR_GUEST_USAGE', message: /not JSON/ });
  t.end();
});

t.test('a machine', (t) => {
  const base = {
    ...{ vmlinux: 'v', initramfs: 'i', console: 'c', qmp: 'q', memoryMib: 512, cpus: 2 },
    ...{
      iommu: true,
      icount: false,
      append: ['quiet'],
      devices: ['-device', 'edu'],
      artefacts: '/a,b',
      hostRoot: false,
    },
  };
  const args = qemuArguments(base).join(' ');
  t.ok(args.indexOf('intel-iommu') < args.indexOf('-device edu'), 'the IOMMU comes before what it translates for');
  t.match(args, /-accel tcg .*path=\/a,,b.*intel_iommu=on/);
  t.match(qemuArguments({ ...base, icount: true }).join(' '), /-icount shift=4,sleep=off.*-smp 1 /);
  t.equal(moduleName('kernel/drivers/vfio/pci/vfio-pci-core.ko.xz'), 'vfio_pci_core');
  t.end();
});
