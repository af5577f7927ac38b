// SPDX-License-Identifier: MIT
// The module's own tests on each of Debian's kernels: all ioctls in both modes, ends of the owner, unbind.
import t, { type Test } from 'tap';
import { type GuestResult, KERNELS, type KernelName } from '../guest/index.js';
import { BDF, EDU, kmodGuest, LEAKS, SETUP } from './guest.js';

/** Fails the test for each check that the program in the guest failed. */
function checks(t: Test, { code, output }: GuestResult, atLeast: number): void {
  if (code !== 0) t.comment(output);
  t.equal(code, 0, 'exit code');
  const lines = output.split('\n');
  const failed = lines.filter((line) => line.startsWith('not ok'));
  t.strictSame(failed, [], 'no check failed');
  // The kernel's messages on the same console stand in the midst of its lines now and then, most of all at a suspend.
  const ran = Number([...output.matchAll(/1\.\.(\d+)/g)].at(-1)?.[1]);
  t.ok(ran >= atLeast, `at least ${atLeast} checks ran`) || t.comment(output);
}

async function selftest(name: KernelName, mode: 'copy' | 'zerocopy', iommu: boolean): Promise<void> {
  const title = `${name}, ${mode} mode, ${iommu ? 'with' : 'without'} IOMMU`;
  await t.test(title, { timeout: 600_000 }, async (t) => {
    const result = await kmodGuest({
      kernel: name,
      iommu,
      devices: EDU,
      command: `${SETUP}${LEAKS}
before
UIO_DMA_KILLS=${process.env['DDE_LONG'] === '1' ? 200 : 10} /opt/uio_dma_test ${BDF} ${mode}
after
rmmod uio_dma
[ ! -e /dev/uio-dma ] || [ -z "$(ls /dev/uio-dma)" ]
`,
    });
    checks(t, result, mode === 'copy' ? 160 : 190);
    t.notMatch(result.output, /^leak/m, 'all is back where it was');
    t.strictSame(result.faults, [], 'the log is clean');
  });
}

for (const name of KERNELS) await selftest(name, 'zerocopy', true);
// The DMA API's own addresses: physical without an IOMMU, translated with it.
await selftest('6.1', 'copy', false);
await selftest('6.12-rt', 'copy', true);

await t.test('what the IOMMU refuses', { timeout: 600_000 }, async (t) => {
  const result = await kmodGuest({
    kernel: '6.1',
    iommu: true,
    devices: EDU,
    allowed: [/DMAR: \[DMA (Write|Read)/, /DMAR: DRHD: handling fault status/],
    command: `${SETUP}/opt/uio_dma_test ${BDF} zerocopy protection`,
  });
  checks(t, result, 4);
  t.match(result.log, /DMA Write NO_PASID.*fault addr 0x50000000/, 'the IOMMU tells of the write to nowhere');
  t.strictSame(result.faults, [], 'and of nothing else');
});

await t.test('suspend', { timeout: 600_000 }, async (t) => {
  const result = await kmodGuest({
    kernel: '6.12',
    iommu: true,
    devices: EDU,
    command: `${SETUP}/opt/uio_dma_test ${BDF} zerocopy suspend`,
  });
  checks(t, result, 12);
  t.strictSame(result.faults, [], 'the log is clean');
});

await t.test('zero-copy mode without an IOMMU', { timeout: 600_000 }, async (t) => {
  const result = await kmodGuest({
    kernel: '6.1',
    devices: EDU,
    command: `${SETUP}/opt/uio_dma_test ${BDF} zerocopy dma`,
  });
  t.not(result.code, 0);
  t.match(result.output, /cannot be started: Operation not supported/);
  t.strictSame(result.faults, []);
});
