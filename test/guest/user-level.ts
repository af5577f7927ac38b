// SPDX-License-Identifier: MIT
// User-level drivers on devices of a guest, by the back ends vfio and uio.
import { truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { freeTcpPort, type Peer, startPeer } from '../../profiler/run/peer/index.js';
import { cli } from '../fixtures/cli.js';
import { buildKmod, type GuestResult, type KernelName, kernel as findKernel, runGuest } from './index.js';

export const BDF = '0000:00:05.0';
const dir = t.testdir({});

/**
 * QEMU's e1000e drops a frame of a buffer that lies in two pages which the IOMMU maps to places apart (net_tx_pkt.c, one map a buffer):
 * memory that is in one piece.
 */
const HUGE_PAGES = 'echo 40 > /proc/sys/vm/nr_hugepages\n';

/** `give OVERRIDE DRIVER` binds the device, also back to the driver that it had. */
const BIND = `
device=/sys/bus/pci/devices/${BDF}
give() {
  echo "$1" > $device/driver_override
  [ ! -e $device/driver ] || echo ${BDF} > $device/driver/unbind
  echo ${BDF} > /sys/bus/pci/drivers_probe
  readlink $device/driver | grep -q "/$2$" || echo "not ok: $device is not bound to $2"
}
`;

/** A card by the kernel's own driver. */
const PING = `
sleep 1; eth=$(ls $device/net)
ip addr add 10.0.2.15/24 dev $eth; ip link set $eth up
for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(cat /sys/class/net/$eth/carrier)" = 1 ] && break; sleep 1; done
ping -c 3 10.0.2.2 | grep -q ' 3 packets received' && echo in-kernel driver works
`;

const READ = `
sleep 1; dd if=/dev/nvme0n1 of=/dev/null bs=1M count=8 && echo in-kernel driver works
`;

export interface Device {
  readonly driver: string;
  readonly qemu: readonly string[];
  /** What the kernel's module and its driver of the bus are called; '': it has none. */
  readonly name: string;
  readonly workload: string;
  /** The kernel's own driver again. */
  readonly inKernel: string;
  /** Of each workload. */
  readonly results: readonly object[];
  /** Forwarded to the card's port 5001. */
  readonly peer?: number;
}

const PINGS = { workload: 'ping', ok: true, sent: 100, received: 100 };
const BYTES = 1 << 20;
const STREAMS = { workload: 'tcp', ok: true, out: { equal: true, bytes: BYTES }, in: { equal: true } };

export async function card(driver: string, model: string, name: string): Promise<Device> {
  const peer = await freeTcpPort();
  const net = `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${peer}-10.0.2.15:5001`;
  return {
    driver,
    qemu: ['-netdev', net, '-device', `${model},netdev=n0,addr=5,romfile=`],
    name,
    workload: `ping --count 100; tcp --bytes ${BYTES}`,
    inKernel: PING,
    results: [PINGS, STREAMS],
    peer,
  };
}

export function disk(): Device {
  const image = join(dir, 'disk');
  writeFileSync(image, '');
  truncateSync(image, 64 << 20);
  return {
    driver: 'nvme',
    qemu: ['-drive', `if=none,id=d0,format=raw,file=${image}`, '-device', 'nvme,serial=real,drive=d0,addr=5'],
    name: 'nvme',
    workload: 'block',
    inKernel: READ,
    results: [{ workload: 'block', ok: true }],
  };
}

/** What a guest needs of the driver process is no debug information. */
async function executable(t: Test, driver: string): Promise<string> {
  const built = await cli(['build', driver, '--json']);
  t.equal(built.code, 0, `${driver} is built`);
  const to = join(dir, `driver-${basename(driver)}`);
  await execa('strip', ['--strip-debug', '-o', to, built.json<{ executable: string }>().executable]);
  return to;
}

export interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** The lines of that type which the driver processes wrote. */
export function told(output: string, type: string): Line[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"type":'))
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line.type === type);
}

export interface Boot {
  readonly kernel: KernelName;
  readonly iommu: boolean;
  readonly device: Device;
}

const WORDS = /"type":"listening"|"workload":"tcp"/;

/**
 * The other end of `tcp`, while the workload waits for it and no longer: QEMU accepts at once and tries to reach the card until it is up, and
 * a connection that was given up meanwhile, or one more than there are directions, would be the first that the next workload gets.
 */
class PeerOnCall {
  #text = '';
  #peer: Peer | undefined;
  readonly #ended: Promise<void>[] = [];

  readonly #t: Test;
  readonly #port: number | undefined;

  constructor(t: Test, port: number | undefined) {
    this.#t = t;
    this.#port = port;
  }

  /** In whatever pieces it comes: the end of a line comes with the next one. */
  hear(text: string): void {
    this.#text += text;
    for (let at = this.#text.search(WORDS); at >= 0; at = this.#text.search(WORDS)) {
      const waits = this.#text.startsWith('"type":"listening"', at);
      this.#text = this.#text.slice(at + 16);
      if (!waits) this.#end();
      else if (this.#port !== undefined)
        this.#peer ??= startPeer({ tcpPort: this.#port, tcpFlows: 2 }, (error) =>
          this.#t.fail(`the peer: ${String(error)}`),
        );
    }
    this.#text = this.#text.slice(-20);
  }

  #end(): void {
    if (this.#peer !== undefined) this.#ended.push(this.#peer.stop());
    this.#peer = undefined;
  }

  async stop(): Promise<void> {
    this.#end();
    await Promise.all(this.#ended);
  }
}

/** `run ARGUMENTS` in the command is the driver process. The module uio_dma is loaded. */
export async function guest(
  t: Test,
  { kernel, iommu, device }: Boot,
  command: string,
  files: readonly { readonly from: string; readonly to: string }[] = [],
): Promise<GuestResult> {
  const program = await executable(t, device.driver);
  const module = await buildKmod(await findKernel(kernel));
  const run = `run() { /usr/bin/${basename(program)} --memory 64 --loglevel 5 --result-fd 3 "$@" 3>&1; }\n`;
  const peer = new PeerOnCall(t, device.peer);
  const boot = (): Promise<GuestResult> =>
    runGuest({
      kernel,
      iommu,
      devices: device.qemu,
      modules: [
        ...(device.name === '' ? [] : [device.name]),
        'uio_pci_generic',
        ...(iommu ? ['vfio-pci', 'vfio_iommu_type1'] : []),
      ],
      files: [{ from: module, to: '/opt/uio_dma.ko' }, ...files],
      programs: [program],
      timeoutSeconds: process.env['DDE_LONG'] === '1' ? 2000 : 600,
      onOutput: (text) => peer.hear(text),
      command: `${iommu ? HUGE_PAGES : ''}insmod /opt/uio_dma.ko\n${BIND}${run}${command}`,
    });
  try {
    return await boot().catch((error: unknown) => {
      // Now and then, whichever driver it is, a timer of QEMU's e1000e that was set before its MSI-X was switched on ends QEMU itself, or a
      // kernel that patches its code while it boots jumps into the middle of it, before there is a module (seen with 6.12).
      if (!/Assertion `!msix_enabled|kernel crashed[\s\S]*Modules linked in: +\[/.test(String(error))) throw error;
      t.comment(`once more: ${String(error).slice(0, 300)}`);
      return boot();
    });
  } finally {
    await peer.stop();
  }
}
