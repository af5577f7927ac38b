// SPDX-License-Identifier: MIT
// ioctls and mmaps with random and hostile arguments, from threads and from processes that are killed, also while the device
// is unplugged: the kernel's log stays clean and everything comes back. DDE_LONG=1: a million calls.
import t from 'tap';
import { BDF, EDU, kmodGuest, LEAKS, SETUP } from './guest.js';

const LONG = process.env['DDE_LONG'] === '1';
const CALLS = LONG ? 1_000_000 : 12_000;
const TIMEOUT = LONG ? 7200 : 500;
/** Told, so that a run that failed can be made again: DDE_SEED. */
const SEED = Number(process.env['DDE_SEED'] ?? Date.now() % 1_000_000);

await t.test('hostile calls', { timeout: TIMEOUT * 1000 }, async (t) => {
  t.comment(`seed ${SEED}`);
  const result = await kmodGuest({
    kernel: '6.12',
    iommu: true,
    devices: EDU,
    timeoutSeconds: TIMEOUT,
    // Without the limit the calls would now and then ask for all the memory there is.
    command: `${SETUP}${LEAKS}
echo 64 > /sys/module/uio_dma/parameters/max_mbytes
/opt/uio_dma_fuzz ${BDF} 500 1
before
/opt/uio_dma_fuzz ${BDF} ${CALLS} ${SEED}
after
rmmod uio_dma
`,
  });
  if (result.code !== 0) t.comment(result.output);
  t.equal(result.code, 0, `seed ${SEED}`);
  t.notMatch(result.output, /^leak/m, 'all is back where it was');
  t.strictSame(result.faults, [], 'the log is clean');
});

/** Behind a port, where it can be unplugged. */
const SLOT = '0000:01:00.0';
const PLUGGED = [
  ...['-device', 'pcie-root-port,id=socket,addr=5,chassis=1,slot=1'],
  ...['-device', 'edu,id=dut,bus=socket,dma_mask=0xffffffffffffffff'],
];

await t.test('unplugged amidst hostile calls', { timeout: TIMEOUT * 1000 }, async (t) => {
  t.comment(`seed ${SEED}`);
  const result = await kmodGuest({
    kernel: '6.1',
    iommu: true,
    devices: PLUGGED,
    timeoutSeconds: TIMEOUT,
    command: `${SETUP.replace(BDF, SLOT)}${LEAKS}
echo 64 > /sys/module/uio_dma/parameters/max_mbytes
set +e
before
for round in 1 2 ${LONG ? '3 4 5 6 7 8 9 10' : ''}; do
  /opt/uio_dma_fuzz ${SLOT} 1000000 $((${SEED} + round)) & fuzz=$!
  sleep 2
  qmp device_del '{"id":"dut"}'
  wait $fuzz; code=$?
  [ $code = 3 ] || { echo "the fuzzer ended with $code"; exit 1; }
  for i in $(seq 100); do [ -e /sys/bus/pci/devices/${SLOT} ] || break; sleep 0.1; done
  [ ! -e /dev/uio-dma/${SLOT} ] || { echo "the node is still there"; exit 1; }
  qmp device_add '{"driver":"edu","id":"dut","bus":"socket","dma_mask":18446744073709551615}'
  for i in $(seq 100); do [ ! -e /sys/bus/pci/devices/${SLOT}/driver_override ] || break; sleep 0.1; done
  bind ${SLOT}
done
/opt/uio_dma_test ${SLOT} zerocopy dma || exit 1
after
`,
  });
  if (result.code !== 0) t.comment(result.output);
  t.equal(result.code, 0, `seed ${SEED}`);
  t.notMatch(result.output, /^leak/m, 'all is back where it was');
  t.strictSame(result.faults, [], 'the log is clean');
});
