// SPDX-License-Identifier: MIT
// Options that several verbs share: defined once, with their help text.

import { type Command, Option } from 'commander';
import { WORKLOADS as RULES } from '../../run/workloads.js';
import { IRQ_MODES, type IrqMode } from '../../run/kernel-cmdline.js';
import { append, loglevel, pathRules, positive, wholeSeconds } from './values.js';

export const KERNELS = ['6.1', '6.12'] as const;

export interface BuildOptions {
  readonly kernel: string;
  readonly config?: string[];
  readonly json?: boolean;
}

export interface RunOptions extends BuildOptions {
  readonly device?: string[];
  readonly irq?: IrqMode;
  readonly net: string;
  readonly pcap?: string;
  readonly drive?: string[];
  readonly param?: string[];
  readonly cmdline?: string;
  readonly address?: string;
  readonly hugePages?: boolean;
  readonly dma?: 'direct' | 'strict';
  readonly memory?: number;
  readonly posted?: 'on' | 'off';
  readonly watchdog?: number;
  readonly loglevel?: number;
  readonly verbose?: boolean;
  readonly qemu?: string;
  readonly qemuTrace?: string[];
  readonly qemuArg?: string[];
  readonly qmp?: string;
  readonly mapPath?: string[];
}

export const DEFAULT_KERNEL = '6.1';

export function jsonOption(command: Command): Command {
  return command.option('--json', 'print the result as JSON');
}

export function buildOptions(command: Command): Command {
  return jsonOption(
    command
      .addOption(
        new Option('--kernel <series>', 'the kernel series to build').choices([...KERNELS]).default(DEFAULT_KERNEL),
      )
      .option(
        '--config <CONFIG_X[=value]>',
        'one more Kconfig option, such as a codec or class driver to go with the driver; may be given again',
        append,
      ),
  );
}

export function runOptions(command: Command): Command {
  return buildOptions(command)
    .option(
      '--device <model[,opts]>',
      'a QEMU device model with its options; may be given again. Or vfio:BDF or uio:BDF: a device of this machine (see bind)',
      append,
    )
    .addOption(new Option('--irq <mode>', 'the kind of interrupts').choices([...IRQ_MODES]))
    .option('--net <kind>', 'the network behind a card: user, none or tap=NAME', 'user')
    .option('--address <ip/prefix>', 'IPv4 address of a card of this machine, such as 192.168.1.20/24 (10.0.2.15/24)')
    .option('--pcap <file>', "write the first card's packets to a capture file")
    .option(
      '--drive <file>',
      'a raw disk image, which is written to; may be given again. Default: a temporary disk, discarded at the end',
      append,
    )
    .option('--param <[module.]name=value>', 'a module parameter; may be given again', append)
    .option('--cmdline <text>', 'more words for the kernel command line')
    .addOption(
      new Option('--dma <mode>', 'strict: report CPU accesses to device-owned memory (slow)').choices([
        'direct',
        'strict',
      ]),
    )
    .option('--memory <MiB>', 'memory of the driver process', positive)
    .option('--huge-pages', 'that memory in huge pages (vm.nr_hugepages), for a device of this machine behind an IOMMU')
    .addOption(new Option('--posted <mode>', 'do not wait for MMIO writes').choices(['on', 'off']))
    .option('--watchdog <time>', 'report a driver that does not yield for so long, such as 30s; 0: never', wholeSeconds)
    .addOption(
      new Option('--loglevel <n>', "show the driver's console up to this level (0 to 8)")
        .argParser(loglevel)
        .conflicts('verbose'),
    )
    .option('-v, --verbose', "show all of the driver's console")
    .option('--qemu <path>', 'the QEMU to use')
    .option('--qemu-trace <pattern>', "QEMU's own trace events, such as 'e1000e_irq*'; may be given again", append)
    .option(
      '--qemu-arg <argument>',
      'an argument for QEMU as it is, such as -device=usb-kbd,bus=dut0.0; may be given again (dut0: the first --device)',
      append,
    )
    .option('--qmp <path>', "a socket for QEMU's monitor")
    .option(
      '--map-path <path=whose>',
      'for exec: whose files the program sees below a path, driver or host, such as /dev=driver; may be given again',
      pathRules,
    );
}

function usage({ name, options }: (typeof RULES)[number]): string {
  const value = { duration: 'TIME', count: 'N', bytes: 'BYTES', text: 'TEXT' } as const;
  return [name, ...options.map((one) => `[${one.name} ${value[one.kind]}]`)].join(' ');
}

/** For the help of verbs that run a driver. */
export const WORKLOADS = `
Workloads (after --; several are separated by +; times such as 5s or 500ms):
${RULES.map((rule) => `  ${usage(rule)}`).join('\n')}`;

/** What follows `exec` is a program of the user and all its arguments, whatever they look like. */
interface Words {
  readonly workloads: readonly string[];
  readonly program?: readonly string[];
}

export function splitProgram(words: readonly string[]): Words {
  const at = words.findIndex((word, i) => word === 'exec' && (i === 0 || words[i - 1] === '+'));
  if (at < 0) return { workloads: words };
  return { workloads: words.slice(0, at + 1), program: words.slice(at + 1) };
}

/** Cuts the words after -- into workloads at each `+`. */
export function splitWorkloads(words: readonly string[]): string[] {
  const all: string[][] = [[]];
  for (const word of words) {
    if (word === '+') all.push([]);
    else all.at(-1)?.push(word);
  }
  return all.filter((one) => one.length > 0).map((one) => one.join(' '));
}
