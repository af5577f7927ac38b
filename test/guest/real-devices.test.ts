// SPDX-License-Identifier: MIT
// Devices of a machine in Debian's kernels: user-level drivers under traffic by the back ends vfio (behind an IOMMU) and uio (as in the
// paper: interrupts by uio_pci_generic, DMA by our module, by copies or by mappings), then the kernel's own driver again.
import t, { type Test } from 'tap';
import { BDF, type Boot, card, disk, guest, told } from './user-level.js';

interface Run {
  /** Of --device, without the address. */
  readonly backEnd: 'vfio' | 'uio';
  readonly mode?: string;
  readonly irqMode: string;
  /** More arguments of the driver process. */
  readonly options?: string;
  /** What uio says of DMA. */
  readonly dma?: string;
}

const BIND_TO = { vfio: 'vfio-pci', uio: 'uio_pci_generic' } as const;

const MSIX: Run = { backEnd: 'vfio', irqMode: 'msix' };
const MSI: Run = { backEnd: 'vfio', irqMode: 'msi', options: '--cmdline e1000e.IntMode=1' };
const INTX: Run = { backEnd: 'vfio', irqMode: 'intx', options: '--cmdline e1000e.IntMode=0' };
const STRICT: Run = { backEnd: 'vfio', irqMode: 'msix', mode: 'strict' };
const COPY: Run = { backEnd: 'uio', irqMode: 'intx', dma: 'copies' };
const ZERO_COPY: Run = { backEnd: 'uio', irqMode: 'intx', mode: 'zero-copy', dma: 'mappings behind the IOMMU' };
const ARENA: Run = { backEnd: 'uio', irqMode: 'intx', dma: 'one mapping behind the IOMMU' };
const COPY_BEHIND: Run = { ...COPY, mode: 'copy' };

const e1000e = await card('e1000e', 'e1000e', 'e1000e');
const realtek = await card('8139cp', 'rtl8139', '8139cp');
const nvme = disk();

const boots: readonly (Boot & { readonly runs: readonly Run[] })[] = [
  { kernel: '6.1', iommu: false, device: e1000e, runs: [COPY] },
  { kernel: '6.1-rt', iommu: false, device: e1000e, runs: [COPY] },
  { kernel: '6.12', iommu: false, device: e1000e, runs: [COPY] },
  { kernel: '6.12-rt', iommu: false, device: e1000e, runs: [COPY] },
  { kernel: '6.1', iommu: true, device: e1000e, runs: [MSIX, INTX, STRICT, ZERO_COPY, ARENA, COPY_BEHIND] },
  { kernel: '6.1-rt', iommu: true, device: e1000e, runs: [MSIX, ZERO_COPY] },
  { kernel: '6.12', iommu: true, device: e1000e, runs: [MSI, ZERO_COPY] },
  { kernel: '6.12-rt', iommu: true, device: e1000e, runs: [MSIX, ZERO_COPY] },
  { kernel: '6.1', iommu: true, device: realtek, runs: [{ ...MSIX, irqMode: 'intx' }, ZERO_COPY, COPY_BEHIND] },
  { kernel: '6.1', iommu: true, device: nvme, runs: [MSIX, ZERO_COPY, COPY_BEHIND] },
];

const nameOf = ({ backEnd, mode, irqMode }: Run): string => [backEnd, mode, irqMode].filter(Boolean).join(' ');

function commandOf({ backEnd, mode, dma, options = '' }: Run, workload: string): string {
  const huge = dma !== COPY.dma;
  const where = [`${backEnd}:${BDF}`, ...(mode === undefined ? [] : [mode])].join(',');
  return `give ${BIND_TO[backEnd]} ${BIND_TO[backEnd]}
run --device ${where} ${huge ? '--huge on' : ''} ${options} --workload "${workload}" 2>&1; echo "exit code $?"
echo "end of run"
`;
}

function check(t: Test, run: Run, { device }: Boot, output: string): void {
  t.match(output, /^exit code 0$/m);
  t.match(told(output, 'device')[0], { bdf: BDF, driver: device.driver, irqMode: run.irqMode });
  t.match(told(output, 'result'), device.results);
  if (run.dma !== undefined) t.match(output, `uio: ${BDF}, DMA by ${run.dma}`);
}

for (const boot of boots) {
  const { kernel, iommu, device, runs } = boot;
  const title = `Linux ${kernel}, ${device.driver}, ${iommu ? 'IOMMU' : 'no IOMMU'}`;
  await t.test(title, { timeout: 900_000 }, async (t) => {
    const commands = runs.map((run) => commandOf(run, device.workload)).join('');
    const result = await guest(t, boot, `${commands}give '' ${device.name}${device.inKernel}`);
    const parts = result.output.split(/^end of run$/m);
    for (const [i, run] of runs.entries()) {
      await t.test(nameOf(run), async (t) => check(t, run, boot, parts[i] ?? ''));
    }
    t.equal(result.code, 0, 'exit code');
    t.notMatch(result.output, /^not ok/m);
    t.match(parts.at(-1), /^in-kernel driver works$/m);
    t.strictSame(result.faults, [], 'the log is clean');
    if (!t.passing()) t.comment(result.output);
  });
}

/** Issue 12, point 2; less in CI. */
const KILLS = process.env['DDE_LONG'] === '1' ? 200 : 5;

/** A second process while one runs, then the one is killed. At the end no page is pinned. */
const killed = (device: string): string => `
for n in $(seq ${KILLS}); do
  run --device ${device} --workload "ping --count 1000000" > /tmp/first &
  for i in $(seq 100); do grep -q '"link"' /tmp/first && break; sleep 0.2; done
  run --device ${device}; echo second $?
  sleep 0.$((n % 10))
  kill -9 $(pidof driver-e1000e); wait
done
run --device ${device} --workload "ping --count 100"; code=$?
cat /proc/sys/vm/stat_refresh # each CPU counts by itself
echo "pins" $(grep nr_foll_pin /proc/vmstat | cut -d ' ' -f 2)
`;

function unpinned(t: Test, output: string): void {
  const [, acquired, released] = /^pins (\d+) (\d+)$/m.exec(output) ?? [];
  t.ok(acquired !== undefined && acquired === released, `${acquired} pages were pinned, ${released} unpinned`);
}

await t.test('vfio: killed in the midst of it; what cannot be had', { timeout: 900_000 }, async (t) => {
  const result = await guest(
    t,
    { kernel: '6.1', iommu: true, device: e1000e },
    `run --device vfio:${BDF}; echo code $?
give vfio-pci vfio-pci
${killed(`vfio:${BDF}`)}
run --device vfio:0000:00:19.0; run --device vfio:nonsense; run --device other
exit $code`,
  );
  t.equal(result.code, 0, 'the next start works');
  t.match(told(result.output, 'result').at(-1), e1000e.results[0]);
  t.match(result.output, /dde: vfio: 0000:00:05\.0 is bound to e1000e, not to vfio-pci\n[\s\S]*code 6/);
  t.equal(result.output.match(/another process has it\n[\s\S]*?second 6/g)?.length, KILLS);
  unpinned(t, result.output);
  t.match(result.output, /vfio: this machine has no PCI device 0000:00:19\.0/);
  t.match(result.output, /--device vfio:nonsense: not vfio:DDDD:BB:SS\.F or vfio:DDDD:BB:SS\.F,strict/);
  t.match(result.output, /--device other: not qemu, vfio:BDF or uio:BDF/);
  t.strictSame(result.faults, [], 'no DMA fault, the log is clean');
  if (!t.passing()) t.comment(result.output);
});

for (const [title, iommu, mode] of [
  ['copies', false, ''],
  ['mappings', true, ',zero-copy'],
] as const) {
  await t.test(`uio, ${title}: killed in the midst of it; what cannot be had`, { timeout: 900_000 }, async (t) => {
    const device = `uio:${BDF}${mode}`;
    const result = await guest(
      t,
      { kernel: '6.1', iommu, device: e1000e },
      `run --device ${device}; echo code $?
give uio_pci_generic uio_pci_generic
${killed(device)}
run --device uio:${BDF},fast; [ ${iommu} = true ] || { run --device uio:${BDF},zero-copy; echo none $?; }
rmmod uio_dma && run --device ${device}; echo gone $?
exit $code`,
    );
    t.equal(result.code, 0, 'the next start works');
    t.match(told(result.output, 'result').at(-1), e1000e.results[0]);
    t.match(result.output, /dde: uio: 0000:00:05\.0 is bound to e1000e, not to uio_pci_generic\n[\s\S]*code 6/);
    t.equal(result.output.match(/another process has it\n[\s\S]*?second 6/g)?.length, KILLS);
    unpinned(t, result.output);
    t.match(result.output, /,fast: not uio:DDDD:BB:SS\.F or uio:DDDD:BB:SS\.F,copy or /);
    if (!iommu) t.match(result.output, /zero-copy needs an IOMMU that 0000:00:05\.0 is behind[\s\S]*none 6/);
    t.match(result.output, /is the module uio_dma loaded[\s\S]*gone 6/);
    t.strictSame(result.faults, [], 'no DMA fault, the log is clean');
    if (!t.passing()) t.comment(result.output);
  });
}
