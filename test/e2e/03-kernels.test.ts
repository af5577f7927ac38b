// SPDX-License-Identifier: MIT
// Point 3: Linux 6.12 does the same, and every compiled kernel file is the package's.
import t from 'tap';
import { readManifest, verifySources } from '../../runtime/build/index.js';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

t.setTimeout(1800_000);

for (const irq of ['msix', 'intx']) {
  t.test(`6.12, ${irq}`, async (t) => {
    const end = await run(['run', 'e1000e', '--kernel', '6.12', '--irq', irq, '--', 'ping', '--count', '100']);
    const { result } = end;
    ends(t, end);
    t.match(result.results, [{ workload: 'ping', ok: true, received: 100 }]);
    t.equal(result.devices[0]?.irqMode, irq);
  });
}

for (const kernel of ['6.1', '6.12']) {
  t.test(`${kernel}: every compiled kernel file equals the package's`, async (t) => {
    const { dir } = (await cli(['build', 'e1000e', '--kernel', kernel, '--json'])).json<{ dir: string }>();
    const manifest = await readManifest(`${dir}/manifest.json`);
    const { checked, different } = await verifySources(manifest);
    t.ok(checked > 500, `${checked} files of Linux ${manifest.kernelVersion}`);
    t.strictSame(different, []);
    t.ok(manifest.sources.some(({ path }) => path === 'drivers/net/ethernet/intel/e1000e/netdev.c'));
  });
}
