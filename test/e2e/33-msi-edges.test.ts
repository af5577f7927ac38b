// SPDX-License-Identifier: MIT
// Edges of an MSI while the interrupt is disabled are delivered when it is enabled; a thread that computes is interrupted. As on a machine.
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { run, ends } from '../fixtures/e2e.js';

t.setTimeout(900_000);

const edges = join(projectRoot, 'test/fixtures/drivers/edges');

for (const kernel of ['6.1', '6.12']) {
  t.test(`Linux ${kernel}`, async (t) => {
    const device = ['--device', 'edu,dma_mask=0xffffffff', '--irq', 'msi', '--loglevel', '5'];
    const end = await run(['run', edges, '--kernel', kernel, ...device, '--', 'idle', '--duration', '100ms']);
    ends(t, end);
    const said = [...end.stderr.matchAll(/edges: (.* \d+)$/gm)].map(([, text]) => text);
    t.strictSame(said, ['while disabled 0', 'after enable 1', 'while computing 1'], end.stderr);
  });
}
