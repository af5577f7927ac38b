// SPDX-License-Identifier: MIT
// dde-profile's binding on a real kernel; the command itself runs in the guest, from the host's files.
import { join } from 'node:path';
import t from 'tap';
import { repoRoot } from '../../runtime/build/common/paths.js';
import { runGuest } from '../guest/index.js';

const NODE = process.execPath;
const MAIN = join(repoRoot(), 'dist/profiler/cli/main.js');
const FIRST = '0000:00:04.0';
const SECOND = '0000:00:05.0';

/** One after the other: to start node takes an emulated CPU seconds. */
const COMMAND = `
dde() { chroot /host ${NODE} ${MAIN} "$@"; }
driver() { basename "$(readlink /sys/bus/pci/devices/$1/driver)"; }
nic=$(ls /sys/bus/pci/devices/${FIRST}/net)
ip link set $nic up; ip addr add 10.0.2.15/24 dev $nic; ip route add default via 10.0.2.2
dde bind ${FIRST} --to uio; echo "with a default route: $?, $(driver ${FIRST})"
ip route del default

chroot /host ${NODE} ${MAIN} bind ${FIRST} --to uio --hold & holder=$!
for i in $(seq 600); do [ "$(driver ${FIRST})" != uio_pci_generic ] || break; sleep 0.2; done
echo "held: $(driver ${FIRST})"
# Only then it is past the bind.
sleep 1
kill -9 $holder
dde bind ${SECOND} --to vfio
echo "after kill -9: $(driver ${FIRST}), $(driver ${SECOND})"
dde restore; echo "restored: $?, $(driver ${SECOND})"
`;

await t.test('bind, kill -9, restore', { timeout: 900_000 }, async (t) => {
  const result = await runGuest({
    kernel: '6.1',
    iommu: true,
    hostRoot: true,
    memoryMib: 1024,
    timeoutSeconds: 800,
    // vfio-pci alone would be loaded by modprobe, for which the guest has no folder of modules.
    modules: ['e1000e', 'uio_pci_generic', 'vfio_pci', 'vfio_iommu_type1'],
    devices: ['-device', 'e1000e,addr=4,romfile=', '-device', 'e1000e,addr=5,romfile='],
    command: COMMAND,
  });
  t.match(result.output, `${FIRST} is in use: eth0 carries the default route`);
  t.match(result.output, /^with a default route: 2, e1000e$/m);
  t.match(result.output, /^held: uio_pci_generic$/m);
  t.match(result.output, /^after kill -9: e1000e, vfio-pci$/m, 'the next start put the first one back');
  t.match(result.output, new RegExp(`^${SECOND} +8086:10d3 +vfio-pci +group \\d+`, 'm'));
  t.match(result.output, /^restored: 0, e1000e$/m);
  t.strictSame(result.faults, [], 'the log is clean');
});
