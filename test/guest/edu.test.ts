// SPDX-License-Identifier: MIT
// samples/edu on a real kernel: what its test program expects of the driver process (e2e/34) is what a machine gives.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { repoRoot } from '../../runtime/build/common/paths.js';
import { kernel, runGuest } from './index.js';

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
    await execa('gcc', ['-O1', '-static', '-pthread', '-o', 'test', 'test.c'], { cwd: work });
    const result = await runGuest({
      kernel: name,
      devices: ['-device', 'edu,addr=4,dma_mask=0xffffffff'],
      files: ['edu.ko', 'test'].map((file) => ({ from: join(work, file), to: `/opt/${file}` })),
      command: 'insmod /opt/edu.ko dma_bits=32 && /opt/test; code=$?; rmmod edu; exit $code',
    });
    t.equal(result.code, 0, result.output);
    t.notMatch(result.output, /^not ok/m);
    const plan = Number(/^1\.\.(\d+)\r?$/m.exec(result.output)?.[1]);
    t.ok(plan >= 100, `${plan} checks`);
    t.equal(result.output.match(/^ok \d+ /gm)?.length, plan, 'all of them');
    t.strictSame(result.faults, [], 'the log is clean');
  });
}
