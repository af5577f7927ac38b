// SPDX-License-Identifier: MIT
// On trees that stand for machines: what the doctor says of real devices.

import { join } from 'node:path';
import t from 'tap';
import { realDeviceChecks } from '../../../profiler/setup/real-devices.js';

const RELEASE = '6.1.0-1-test';

const machine = (lists: Record<string, string>, sys: object = {}) => ({
  proc: { sys: { kernel: { osrelease: `${RELEASE}\n` } } },
  lib: { modules: { [RELEASE]: lists } },
  sys: { kernel: { iommu_groups: {} }, ...sys },
});

const DEP =
  'kernel/drivers/vfio/pci/vfio-pci.ko.xz: kernel/a.ko\nkernel/drivers/uio/uio_pci_generic.ko: kernel/uio.ko\n';
const GROUPS = { kernel: { iommu_groups: { 0: {}, 1: {} } } };

t.test('what each machine can do', async (t) => {
  const cases: [string, object, string, RegExp, string, RegExp][] = [
    ['neither module', machine({ 'modules.dep': '' }), 'absent', /no module vfio-pci/, 'absent', /no module uio_pci_/],
    ['no IOMMU, no uio_dma', machine({ 'modules.dep': DEP }), 'absent', /no IOMMU/, 'absent', /no uio_dma/],
    [
      'IOMMU, and uio_dma by DKMS',
      machine({ 'modules.dep': `${DEP}updates/dkms/uio_dma.ko:\n` }, GROUPS),
      'ok',
      /groups: 2$/,
      'ok',
      /uio_dma$/,
    ],
    [
      'built in, and uio_dma by insmod',
      machine({ 'modules.builtin': DEP.replaceAll(/: .*/g, '') }, { ...GROUPS, module: { uio_dma: {} } }),
      'ok',
      /groups: 2$/,
      'ok',
      /uio_dma$/,
    ],
    [
      'a module that only another one needs is not there by that',
      machine({ 'modules.dep': 'kernel/x.ko: kernel/vfio-pci.ko kernel/uio_pci_generic.ko\n' }, GROUPS),
      'absent',
      /no module vfio-pci/,
      'absent',
      /no module uio_pci_/,
    ],
  ];
  for (const [name, tree, vfio, vfioText, uio, uioText] of cases) {
    const checks = realDeviceChecks(t.testdir(tree as Parameters<typeof t.testdir>[0]));
    t.match(
      checks,
      [
        { name: 'vfio', state: vfio, detail: vfioText },
        { name: 'uio', state: uio, detail: uioText },
      ],
      name,
    );
    for (const { state, fix } of checks) t.equal(fix === undefined, state === 'ok', `${name}: advice where one lacks`);
  }
  t.match(realDeviceChecks(join(t.testdir({}), 'nowhere')), [{ state: 'absent' }, { state: 'absent' }]);
});
