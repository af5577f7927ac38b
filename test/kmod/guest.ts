// SPDX-License-Identifier: MIT
// What the tests of uio_dma have in common: a guest with an edu device, the module, and its test programs.

import { join } from 'node:path';
import { buildKmod, buildSelftest, type GuestOptions, type GuestResult, kernel, runGuest } from '../guest/index.js';

export const BDF = '0000:00:04.0';
/** The mask that the model has by itself is narrower than any driver's. */
export const EDU = ['-device', 'edu,addr=4,dma_mask=0xffffffffffffffff'];

/** Binds the device and loads the module; what follows may run in any order. */
export const SETUP = `set -e
bind() { echo uio_pci_generic > /sys/bus/pci/devices/$1/driver_override; echo $1 > /sys/bus/pci/drivers_probe; }
bind ${BDF}
insmod /opt/uio_dma.ko
`;

/**
 * Everything that is counted somewhere, when all is closed and again after the work: pinned pages, mappings of the IOMMU's slab,
 * free memory. Prints "leak ..." if something stayed.
 */
export const LEAKS = `
count() { awk -v name="$1" '$1 == name { print $2 }' /proc/vmstat; }
settle() { echo 3 > /proc/sys/vm/drop_caches; echo 1 > /proc/sys/vm/compact_memory; sleep 1; }
before() {
  settle; acquired=$(count nr_foll_pin_acquired); released=$(count nr_foll_pin_released)
  slab=$(awk '/^SUnreclaim/ { print $2 }' /proc/meminfo); free=$(awk '/^MemFree/ { print $2 }' /proc/meminfo)
}
after() {
  settle
  pins=$(( $(count nr_foll_pin_acquired) - acquired - $(count nr_foll_pin_released) + released ))
  [ $pins = 0 ] || echo "leak: $pins pages are still pinned"
  grown=$(( $(awk '/^SUnreclaim/ { print $2 }' /proc/meminfo) - slab ))
  [ $grown -lt 1500 ] || echo "leak: slab grew by $grown kB"
  lost=$(( free - $(awk '/^MemFree/ { print $2 }' /proc/meminfo) ))
  [ $lost -lt 6000 ] || echo "leak: $lost kB of memory are gone"
  echo "pins $pins, slab $grown kB, memory $lost kB"
}
`;

export async function kmodGuest(options: GuestOptions): Promise<GuestResult> {
  const programs = await buildSelftest();
  return runGuest({
    ...options,
    modules: ['uio_pci_generic', ...(options.modules ?? [])],
    files: [
      { from: await buildKmod(await kernel(options.kernel)), to: '/opt/uio_dma.ko' },
      ...['uio_dma_test', 'uio_dma_fuzz'].map((name) => ({ from: join(programs, name), to: `/opt/${name}` })),
      ...(options.files ?? []),
    ],
  });
}
