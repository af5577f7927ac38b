// SPDX-License-Identifier: MIT
// Edges of an MSI while the interrupt is disabled are delivered when it is enabled; a thread that computes is interrupted. As on a machine.
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { run, ends } from '../fixtures/e2e.js';

t.setTimeout(900_000);

const edges = fileURLToPath(new URL('../fixtures/drivers/edges', import.meta.url));

for (const kernel of ['6.1', '6.12']) {
  t.test(`Linux ${kernel}`, async (t) => {
    const device = ['--device', 'edu,dma_mask=0xffffffff', '--irq', 'msi', '--loglevel', '5'];
    const end = await run(['run', edges, '--kernel', kernel, ...device, '--', 'idle', '--duration', '100ms']);
    ends(t, end);
    const said = [...end.stderr.matchAll(/edges: (.* \d+)$/gm)].map(([, text]) => text);
    t.strictSame(said, ['while disabled 0', 'after enable 1', 'while computing 1'], end.stderr);
  });
}
