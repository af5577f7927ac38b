// SPDX-License-Identifier: MIT
// Point 4: drivers that nobody prepared, and an out-of-tree module.
import { cpSync, createReadStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import t from 'tap';
import { cli } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';

t.setTimeout(1800_000);

const NETS: readonly (readonly [driver: string, device: string])[] = [
  ['CONFIG_E1000', 'e1000'],
  ['CONFIG_8139CP', 'rtl8139'],
  ['CONFIG_E100', 'i82557b'],
  ['CONFIG_VIRTIO_NET', 'virtio-net-pci'],
];

for (const [driver, device] of NETS) {
  t.test(`${driver} on ${device}`, async (t) => {
    const end = await run(['run', driver, '--device', device, '--', 'ping', '--count', '20']);
    const { result } = end;
    ends(t, end);
    t.match(result.results, [{ workload: 'ping', ok: true, received: 20 }]);
  });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

for (const [driver, device] of [
  ['CONFIG_BLK_DEV_NVME', 'nvme'],
  ['CONFIG_SATA_AHCI', 'ich9-ahci'],
] as const) {
  t.test(`${driver} on ${device}, with an image`, async (t) => {
    const image = join(t.testdir({}), 'disk.img');
    writeFileSync(image, randomBytes(16 << 20));
    const before = await sha256(image);
    const end = await run(['run', driver, '--device', device, '--drive', image, '--', 'block']);
    const { result } = end;
    ends(t, end);
    t.match(
      result.results,
      [{ workload: 'block', ok: true, bytes: 16 << 20, sha256: before }],
      'read through the block layer',
    );
    t.not(await sha256(image), before, 'and written');
  });
}

t.test('udp: datagrams there and back, content checked', async (t) => {
  const end = await run(['run', 'e1000e', '--irq', 'intx', '--', 'udp', '--count', '500']);
  ends(t, end);
  t.match(end.result.results, [{ workload: 'udp', ok: true, sent: 500, corrupt: 0 }]);
});

t.test('e1000e as an out-of-tree module', async (t) => {
  const { manifest } = (await cli(['build', 'e1000e', '--json'])).json<{ manifest: { sourceRoot: string } }>();
  const dir = join(t.testdir({}), 'my-e1000e');
  mkdirSync(dir);
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(join(manifest.sourceRoot, 'drivers/net/ethernet/intel/e1000e'), dir, { recursive: true });
  rmSync(join(dir, 'Makefile'));
  const objects = '82571 ich8lan 80003es2lan mac manage nvm phy param ethtool netdev ptp'.split(' ');
  writeFileSync(
    join(dir, 'Kbuild'),
    `obj-m := my_e1000e.o\nmy_e1000e-y := ${objects.map((name) => `${name}.o`).join(' ')}\n`,
  );
  const end = await run(['run', dir, '--device', 'e1000e', '--', 'ping', '--count', '20']);
  const { result } = end;
  ends(t, end);
  t.match(result.results, [{ workload: 'ping', ok: true, received: 20 }]);
});
