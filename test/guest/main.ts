// SPDX-License-Identifier: MIT
// npm run guest -- [OPTIONS] -- CMD...: runs a command in a guest with one of Debian's kernels.

import { basename, join } from 'node:path';
import { constants } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { GuestError } from './errors.js';
import { runGuest } from './guest.js';
import { KERNELS, kernel, type KernelName } from './kernels.js';
import { buildKmod, buildSelftest } from './kmod.js';

interface Options {
  readonly kernel: KernelName;
  readonly module: string[];
  readonly file: string[];
  readonly program: string[];
  readonly qemu: string[];
  readonly append: string[];
  readonly iommu?: boolean;
  readonly icount?: boolean;
  readonly kmod?: boolean;
  readonly memory: number;
  readonly cpus: number;
  readonly timeout: number;
  readonly artefacts?: string;
  readonly log?: boolean;
}

const collect = (value: string, all: string[]): string[] => [...all, value];

function count(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new GuestError('ERR_GUEST_USAGE', `${value}: must be a positive integer`);
  return number;
}

function parseFile(text: string): { from: string; to: string } {
  const at = text.indexOf(':');
  return at < 0 ? { from: text, to: `/opt/${basename(text)}` } : { from: text.slice(0, at), to: text.slice(at + 1) };
}

const program = new Command('npm run guest --')
  .exitOverride()
  .description("Runs a command in a QEMU guest with one of Debian's kernels, without root and without KVM.")
  .addOption(new Option('-k, --kernel <name>', 'the kernel').choices([...KERNELS]).default('6.1'))
  .option('-m, --module <name>', "one of Debian's modules to load first (can be repeated)", collect, [])
  .option('-f, --file <host[:guest]>', 'a file to take along, by default to /opt (can be repeated)', collect, [])
  .option('-p, --program <name>', 'a program to take along with its libraries (can be repeated)', collect, [])
  .option('-q, --qemu <argument>', "one more of QEMU's arguments (can be repeated)", collect, [])
  .option('-a, --append <words>', "more of the kernel's command line (can be repeated)", collect, [])
  .option('--iommu', 'an Intel IOMMU, switched on')
  .option('--icount', 'count instructions as time: one CPU, latencies that repeat')
  .option('--kmod', 'build uio_dma and its test programs: /opt/uio_dma.ko, /opt/uio_dma_*')
  .option('--memory <mib>', 'memory in MiB', count, 512)
  .option('--cpus <n>', 'virtual CPUs', count, 2)
  .option('--timeout <seconds>', 'end the guest after this time', count, 300)
  .option('--artefacts <folder>', 'a folder that the guest sees as /artefacts and may write to')
  .option('--host-root', "the host's files, read-only, at /host: chroot /host PROGRAM")
  .option('--log', "print the kernel's log to stderr")
  .argument('<command...>', 'the command, after --')
  .addHelpText(
    'after',
    `
Example: npm run guest -- --kernel 6.1-rt -- uname -a

The exit code is the command's; 124 after a timeout, 125 if the guest gave no result, 126 if the command
succeeded but the kernel's log tells of a fault (oops, warning, DMA fault), 130 after Ctrl-C.`,
  );

async function kmodFiles(name: KernelName, onWork: (what: string) => void) {
  const found = await kernel(name, onWork);
  onWork('building uio_dma');
  const programs = await buildSelftest();
  return [
    { from: await buildKmod(found), to: '/opt/uio_dma.ko' },
    ...['uio_dma_test', 'uio_dma_fuzz'].map((one) => ({ from: join(programs, one), to: `/opt/${one}` })),
  ];
}

function watchSignals(): AbortController {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.exitCode = 128 + constants.signals[signal];
      abort.abort();
    });
  }
  return abort;
}

async function main(command: string[], options: Options): Promise<number> {
  const onWork = (what: string) => process.stderr.write(`guest: ${what}\n`);
  const result = await runGuest({
    ...options,
    // One word is a shell command; several are passed on as they are.
    command: command.length === 1 ? `${command[0]}\n` : `${command.map(quote).join(' ')}\n`,
    modules: options.module,
    files: [...options.file.map(parseFile), ...(options.kmod ? await kmodFiles(options.kernel, onWork) : [])],
    programs: options.program,
    devices: options.qemu,
    memoryMib: options.memory,
    timeoutSeconds: options.timeout,
    onOutput: (text) => process.stdout.write(text),
    onWork,
    signal: watchSignals().signal,
  });
  if (options.log) process.stderr.write(result.log);
  for (const line of result.faults) process.stderr.write(`guest: kernel log: ${line}\n`);
  process.stderr.write(`guest: exit code ${result.code} after ${result.seconds.toFixed(1)} s\n`);
  return result.code === 0 && result.faults.length > 0 ? 126 : result.code;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function exitCodeOf(error: GuestError): number {
  if (error.code === 'ERR_GUEST_USAGE') return 2;
  if (error.code === 'ERR_GUEST_TIMEOUT') return 124;
  if (error.code === 'ERR_GUEST_INTERRUPTED') return Number(process.exitCode ?? 130);
  return 125;
}

program.action(async (command: string[], options: Options) => {
  process.exitCode = await main(command, options);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has printed its message; --help is none.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof GuestError) {
    process.stderr.write(`guest: ${error.message}\n`);
    process.exitCode = exitCodeOf(error);
  } else {
    throw error;
  }
}
