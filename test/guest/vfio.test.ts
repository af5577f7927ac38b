// SPDX-License-Identifier: MIT
// The back end vfio in Debian's kernels, behind an IOMMU: user-level drivers under traffic, then the kernel's own driver again.
import { truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cli } from '../fixtures/cli.js';
import { type GuestResult, type KernelName, runGuest } from './index.js';

const BDF = '0000:00:05.0';
const dir = t.testdir({});

/** Binds the device to vfio-pci, and back to the driver that it had. */
const BIND = `
device=/sys/bus/pci/devices/${BDF}
give() {
  echo "$1" > $device/driver_override
  echo ${BDF} > $device/driver/unbind
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

interface Device {
  readonly driver: string;
  readonly qemu: readonly string[];
  /** Debian's modules, and what the module calls its driver of the bus. */
  readonly modules: readonly string[];
  readonly name: string;
  readonly workload: string;
  readonly inKernel: string;
  readonly result: object;
}

const PINGS = { workload: 'ping', ok: true, sent: 100, received: 100 };

function card(driver: string, model: string, module: string): Device {
  const qemu = ['-netdev', 'user,id=n0,restrict=on', '-device', `${model},netdev=n0,addr=5,romfile=`];
  const rest = { workload: 'ping --count 100', inKernel: PING, result: PINGS };
  return { driver, qemu, modules: [module], name: module, ...rest };
}

function disk(): Device {
  const image = join(dir, 'disk');
  writeFileSync(image, '');
  truncateSync(image, 64 << 20);
  return {
    driver: 'nvme',
    qemu: ['-drive', `if=none,id=d0,format=raw,file=${image}`, '-device', 'nvme,serial=vfio,drive=d0,addr=5'],
    modules: ['nvme'],
    name: 'nvme',
    workload: 'block',
    inKernel: READ,
    result: { workload: 'block', ok: true },
  };
}

const E1000E = card('e1000e', 'e1000e', 'e1000e');

/** What a guest needs of the driver process is no debug information. */
async function executable(t: Test, driver: string): Promise<string> {
  const built = await cli(['build', driver, '--json']);
  t.equal(built.code, 0, `${driver} is built`);
  const to = join(dir, `driver-${driver}`);
  await execa('strip', ['--strip-debug', '-o', to, built.json<{ executable: string }>().executable]);
  return to;
}

interface Line {
  readonly type: string;
  readonly [key: string]: unknown;
}

function told({ output }: GuestResult, type: string): Line | undefined {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"type":'))
    .map((line) => JSON.parse(line) as Line)
    .find((line) => line.type === type);
}

/** `run ARGUMENTS` in the command is the driver process. */
async function guest(t: Test, kernel: KernelName, device: Device, command: string): Promise<GuestResult> {
  const program = await executable(t, device.driver);
  const run = `run() { /usr/bin/${basename(program)} --memory 64 --loglevel 5 --result-fd 1 "$@"; }\n`;
  return runGuest({
    kernel,
    iommu: true,
    devices: device.qemu,
    modules: [...device.modules, 'vfio-pci', 'vfio_iommu_type1'],
    programs: [program],
    command: `${BIND}${run}${command}`,
  });
}

interface Case {
  readonly kernel: KernelName;
  readonly device: Device;
  readonly irqMode: string;
  /** More arguments of the driver process. */
  readonly options?: string;
  /** The IOMMU holds what is mapped at the time, and no more. */
  readonly strict?: boolean;
}

const cases: readonly Case[] = [
  { kernel: '6.1', device: E1000E, irqMode: 'msix' },
  { kernel: '6.1-rt', device: E1000E, irqMode: 'msix' },
  { kernel: '6.12', device: E1000E, irqMode: 'msi', options: '--cmdline e1000e.IntMode=1' },
  { kernel: '6.12-rt', device: E1000E, irqMode: 'msix' },
  { kernel: '6.1', device: E1000E, irqMode: 'intx', options: '--cmdline e1000e.IntMode=0' },
  { kernel: '6.1', device: E1000E, irqMode: 'msix', strict: true },
  { kernel: '6.1', device: card('8139cp', 'rtl8139', '8139cp'), irqMode: 'intx' },
  { kernel: '6.1', device: disk(), irqMode: 'msix' },
];

for (const { kernel, device, irqMode, options = '', strict = false } of cases) {
  const { driver, name, workload, inKernel, result: wanted } = device;
  const title = `Linux ${kernel}, ${driver}, ${irqMode}${strict ? ', strict' : ''}`;
  await t.test(title, { timeout: 900_000 }, async (t) => {
    const where = `vfio:${BDF}${strict ? ',strict' : ''}`;
    const command = `give vfio-pci vfio-pci
run --device ${where} ${options} --workload "${workload}"; code=$?
give '' ${name}
${inKernel}
exit $code`;
    const result = await guest(t, kernel, device, command);
    t.equal(result.code, 0, 'exit code');
    t.match(told(result, 'device'), { bdf: BDF, driver, irqMode });
    t.match(told(result, 'result'), wanted);
    t.notMatch(result.output, /^not ok/m);
    t.match(result.output, /^in-kernel driver works$/m);
    t.strictSame(result.faults, [], 'the log is clean');
    if (!t.passing()) t.comment(result.output);
  });
}

await t.test('killed in the midst of it; what cannot be had', { timeout: 900_000 }, async (t) => {
  const result = await guest(
    t,
    '6.1',
    E1000E,
    `run --device vfio:${BDF}; echo code $?
give vfio-pci vfio-pci
for n in 1 2 3 4 5; do
  run --device vfio:${BDF} --workload "ping --count 1000000" > /tmp/first &
  for i in $(seq 100); do grep -q '"link"' /tmp/first && break; sleep 0.2; done
  run --device vfio:${BDF}; echo second $?
  sleep 0.$n
  kill -9 $(pidof ${`driver-${E1000E.driver}`}); wait
done
run --device vfio:${BDF} --workload "ping --count 100"; code=$?
run --device vfio:0000:00:19.0; run --device vfio:nonsense; run --device other
exit $code`,
  );
  t.equal(result.code, 0, 'the next start works');
  t.match(told(result, 'result'), PINGS);
  t.match(result.output, /dde: vfio: 0000:00:05\.0 is bound to e1000e, not to vfio-pci\n[\s\S]*code 6/);
  t.equal(result.output.match(/another process has it\n[\s\S]*?second 6/g)?.length, 5);
  t.match(result.output, /vfio: this machine has no PCI device 0000:00:19\.0/);
  t.match(result.output, /--device vfio:nonsense: not vfio:DDDD:BB:SS\.F/);
  t.match(result.output, /--device other: not qemu or vfio:BDF/);
  t.strictSame(result.faults, [], 'no DMA fault, the log is clean');
  if (!t.passing()) t.comment(result.output);
});
