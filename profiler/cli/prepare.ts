// SPDX-License-Identifier: MIT
// From a build and the options of run, record, gdb and valgrind to a session.

import {
  type DeviceSpec,
  kernelCmdline,
  modelOfDriver,
  parseDevice,
  parseNet,
  type SessionRequest,
} from '../run/index.js';
import { deviceModels, installCommand, QEMU, QEMU_MINIMUM, qemuState } from '../setup/index.js';
import { endingChildren } from './abort.js';
import type { Target } from './build.js';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import { type RunOptions, splitProgram, splitWorkloads } from './options/shared.js';
import { findProgram, refuseWithoutSeccomp } from './program-of.js';
import { cardAddress, realDevice } from './real-device.js';
import { didYouMean } from './suggest.js';

const DEFAULT_WORKLOAD = { net: 'ping --count 100', block: 'block', other: 'idle --duration 2' } as const;
/** Warnings of the kernel and worse. */
const LOGLEVEL = 5;
const LOGLEVEL_ALL = 8;

/** QEMU is there and new enough, and has the models. */
async function checkQemu(qemu: string | undefined, devices: readonly DeviceSpec[]): Promise<void> {
  const found = await endingChildren(() => qemuState(qemu ?? QEMU));
  const advice = `Install it with: ${installCommand(['qemu-system-x86'])}`;
  if ('detail' in found) throw new CliError(EXIT.backEnd, found.detail, advice);
  if (found.state === 'old') {
    const text = `QEMU ${found.version.text} is too old: at least ${QEMU_MINIMUM.join('.')} is needed`;
    throw new CliError(EXIT.backEnd, text, advice);
  }
  const models = await endingChildren(() => deviceModels(qemu ?? QEMU));
  if (models.length === 0) return;
  const names = models.map((model) => model.name);
  for (const { model } of devices) {
    if (names.includes(model)) continue;
    const hint = didYouMean(model, names) ?? '`dde-profile list --devices` shows them.';
    throw new CliError(EXIT.usage, `QEMU ${found.version.text} has no device model ${JSON.stringify(model)}`, hint);
  }
}

/** The devices under test, from --device, from the module's own file, from the sample, or from the driver's name. */
function chooseDevices({ build, sample, module }: Target, given: readonly string[]): DeviceSpec[] {
  if (given.length > 0) return given.map(parseDevice);
  if (module?.device !== undefined) return module.device.map(parseDevice);
  if (sample !== undefined) {
    const { qemu, options } = sample.device;
    return [parseDevice([qemu, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(','))];
  }
  const { driver } = build.manifest;
  const model = modelOfDriver(driver);
  if (model === undefined) {
    const text = `no device is known for the driver ${driver}`;
    throw new CliError(EXIT.usage, text, 'Give one with --device; `dde-profile list --devices` shows them.');
  }
  return [parseDevice(model)];
}

/** Its words are those of the user; what a module's own file names is found from the module's folder. */
function chooseProgram({ module, folder }: Target, words: readonly string[]): string[] | undefined {
  const { program } = splitProgram(words);
  if (program !== undefined) return findProgram(program);
  if (words.length > 0 || module?.program === undefined) return undefined;
  return findProgram(module.program, folder);
}

function chooseWorkloads(target: Target, devices: readonly DeviceSpec[], words: readonly string[]): string[] {
  const given = splitWorkloads(splitProgram(words).workloads);
  if (given.length > 0) return given;
  if (target.module?.program !== undefined) return [...(target.module.workload ?? []), 'exec'];
  if (target.module?.workload !== undefined) return target.module.workload;
  if (target.sample !== undefined) return [target.sample.workload];
  return [DEFAULT_WORKLOAD[devices[0]?.kind ?? 'other']];
}

/** QEMU takes an option and its value as two words; `-device=X` is one word for a shell and two for QEMU. */
function splitQemuArg(argument: string): string[] {
  const found = /^(-[a-z-]+)=(.*)$/s.exec(argument);
  return found === null ? [argument] : [found[1] as string, found[2] as string];
}

function qemuExtras(options: RunOptions): string[] {
  return [
    ...(options.qemuTrace ?? []).flatMap((pattern) => ['-trace', `enable=${pattern}`]),
    ...(options.qemuArg ?? []).flatMap(splitQemuArg),
    ...(options.qmp === undefined ? [] : ['-qmp', `unix:${options.qmp},server=on,wait=off`]),
  ];
}

export async function prepareSession(
  target: Target,
  options: RunOptions,
  words: readonly string[],
): Promise<SessionRequest> {
  const real = realDevice(options.device ?? [], options);
  const devices = real === undefined ? chooseDevices(target, options.device ?? []) : [real];
  if (real === undefined) await checkQemu(options.qemu, devices);
  const workloads = chooseWorkloads(target, devices, words);
  const address = cardAddress(options.address, real !== undefined);
  const program = chooseProgram(target, words);
  if (program !== undefined) await refuseWithoutSeccomp(target.build.executable);
  if (program === undefined && options.mapPath !== undefined)
    throw new CliError(EXIT.usage, '--map-path is for a program of yours', 'Name it: -- exec PROGRAM');
  const { driver } = target.build.manifest;
  const more = [
    options.cmdline ?? '',
    options.dma === undefined ? '' : `dde.dma=${options.dma}`,
    address?.cmdline ?? '',
  ].filter((word) => word !== '');
  const cmdline = kernelCmdline({
    driver,
    params: [...(target.module?.param ?? []), ...(options.param ?? [])],
    ...(options.irq === undefined ? {} : { irq: options.irq }),
    ...(more.length === 0 ? {} : { cmdline: more.join(' ') }),
  });
  // The sample speaks for its own device only; for another one the table of models decides.
  const ofSample = options.device === undefined ? target.sample?.posted : undefined;
  const posted = options.posted === undefined ? ofSample : options.posted === 'on';
  return {
    executable: target.build.executable,
    devices,
    net: parseNet(options.net),
    // A program, now or later, may talk to whom it likes.
    ...(program !== undefined || workloads.every((one) => /^(idle|tap)\b/.test(one)) ? { openNetwork: true } : {}),
    drives: options.drive ?? [],
    qemuArgs: qemuExtras(options),
    workloads,
    // With --json stdout is the tool's: what the program prints goes to stderr.
    ...(program === undefined ? {} : { program, programStdio: [0, options.json === true ? 2 : 1, 2] as const }),
    ...(options.mapPath === undefined ? {} : { mapPaths: options.mapPath }),
    loglevel: options.loglevel ?? (options.verbose === true ? LOGLEVEL_ALL : LOGLEVEL),
    ...(cmdline === '' ? {} : { cmdline }),
    ...(posted === undefined ? {} : { posted }),
    ...(options.pcap === undefined ? {} : { pcap: options.pcap }),
    ...(options.memory === undefined ? {} : { memoryMiB: options.memory }),
    ...(options.hugePages === true ? { huge: true } : {}),
    ...(options.watchdog === undefined ? {} : { watchdogSeconds: options.watchdog }),
    ...(options.qemu === undefined ? {} : { qemu: options.qemu }),
  };
}
