// SPDX-License-Identifier: MIT
// samples/edu on a real kernel: what its test program expects of the driver process (e2e/34) is what a machine gives.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { repoRoot } from '../../runtime/build/common/paths.js';
import { kernel, runGuest } from './index.js';
import { BDF, type Device, guest } from './user-level.js';

async function testProgram(folder: string): Promise<string> {
  const program = join(folder, 'test');
  await execa('gcc', ['-O1', '-static', '-pthread', '-o', program, join(repoRoot(), 'samples/edu/test.c')]);
  return program;
}

/** What each check says, in order. */
function checks(t: Test, output: string): void {
  t.notMatch(output, /^not ok/m);
  const plan = Number(/^1\.\.(\d+)\r?$/m.exec(output)?.[1]);
  t.ok(plan >= 100, `${plan} checks`);
  t.equal(output.match(/^ok \d+ /gm)?.length, plan, 'all of them');
}

for (const name of ['6.1', '6.12'] as const) {
  await t.test(`Linux ${name}: the test program with the module in the kernel`, { timeout: 900_000 }, async (t) => {
    const { headers } = await kernel(name);
    const work = join(t.testdir({}), 'edu');
    cpSync(join(repoRoot(), 'samples/edu'), work, { recursive: true });
    // The headers of 6.12 want pahole for it.
    const words = [`KDIR=${headers}`, 'CONFIG_DEBUG_INFO_BTF_MODULES=', 'modules'];
    const built = await execa('make', words, { cwd: work, reject: false, all: true });
    t.equal(built.exitCode, 0, built.all);
    t.notMatch(built.all, /\bwarning:/);
    await testProgram(work);
    const result = await runGuest({
      kernel: name,
      devices: ['-device', 'edu,addr=4,dma_mask=0xffffffff'],
      files: ['edu.ko', 'test'].map((file) => ({ from: join(work, file), to: `/opt/${file}` })),
      command: 'insmod /opt/edu.ko dma_bits=32 && /opt/test; code=$?; rmmod edu; exit $code',
    });
    t.equal(result.code, 0, result.output);
    checks(t, result.output);
    t.strictSame(result.faults, [], 'the log is clean');
  });
}

/** QEMU's own limit of 28 address bits: the driver asks for it before it maps anything. */
const EDU: Device = {
  driver: join(repoRoot(), 'samples/edu'),
  qemu: ['-device', 'edu,addr=5'],
  name: '',
  workload: 'exec',
  inKernel: '',
  results: [],
};

await t.test('the driver process on the machine’s device, by each back end', { timeout: 900_000 }, async (t) => {
  const program = await testProgram(t.testdir({}));
  const runs = ['vfio', 'vfio,strict', 'uio', 'uio,zero-copy'];
  const commands = runs.map((one) => {
    const [to, mode] = one.split(',') as ['vfio' | 'uio', string?];
    const driver = { vfio: 'vfio-pci', uio: 'uio_pci_generic' }[to];
    const where = [`${to}:${BDF}`, ...(mode === undefined ? [] : [mode])].join(',');
    return `give ${driver} ${driver}
run --device ${where} --workload exec --program /opt/test 2>&1; echo "exit code $?"
echo "end of run"
`;
  });
  const boot = { kernel: '6.1', iommu: true, device: EDU } as const;
  const result = await guest(t, boot, commands.join(''), [{ from: program, to: '/opt/test' }]);
  const parts = result.output.split(/^end of run$/m);
  for (const [i, one] of runs.entries()) {
    await t.test(one, async (t) => {
      t.match(parts[i], /^exit code 0$/m);
      checks(t, parts[i] ?? '');
      if (!t.passing()) t.comment(parts[i] ?? '');
    });
  }
  t.strictSame(result.faults, [], 'the log is clean');
});
