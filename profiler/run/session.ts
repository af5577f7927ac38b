// SPDX-License-Identifier: MIT
// One run of a driver from its start to its exit code: devices, ports, disk images, peer, process, workloads.

import { constants, accessSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { freeTcpPort, freeUdpPort, type Peer, startPeer, type TcpReport } from './peer/index.js';
import { type DeviceSpec, type Network, qemuDeviceArgs } from './device-plan.js';
import { CrashWatch, type OnCrash } from './crash-watch.js';
import { driverArgs } from './driver-args.js';
import type { DriverEvent, ResultEvent } from './driver-events.js';
import { CONTROL_FD, type DriverProcess, PROGRAM_FD, RESULT_FD, startDriver, TRACE_FD } from './driver-process.js';
import { LaunchError } from '../builds/errors.js';
import { FirstFault } from './first-fault.js';
import { workloadText } from './workloads.js';
import { type TemporaryImage, temporaryImage } from './image.js';

export interface SessionRequest {
  readonly executable: string;
  readonly devices: readonly DeviceSpec[];
  readonly net: { readonly kind: 'user' } | { readonly kind: 'none' } | { readonly kind: 'tap'; readonly name: string };
  /** The card may reach what this machine reaches: programs of the user do, and the built-in workloads need not. */
  readonly openNetwork?: boolean;
  readonly pcap?: string;
  /** Files for devices that need one; those that are left without get a temporary image. */
  readonly drives: readonly string[];
  readonly cmdline?: string;
  readonly memoryMiB?: number;
  /** In huge pages; for a device of this machine behind an IOMMU. */
  readonly huge?: boolean;
  readonly posted?: boolean;
  readonly watchdogSeconds?: number;
  readonly loglevel?: number;
  readonly qemu?: string;
  /** More arguments for QEMU: -trace, -qmp. */
  readonly qemuArgs: readonly string[];
  /** Run one after the other on one bound driver. */
  readonly workloads: readonly string[];
  /** What the workload `exec` runs: a program of the user and its arguments. */
  readonly program?: readonly string[];
  readonly programStdio?: readonly [number, number, number];
  /** PATH=driver or PATH=host: whose files it sees there. */
  readonly mapPaths?: readonly string[];
  readonly traceFd?: number;
  /** Wraps the executable: gdb or valgrind. */
  readonly wrap?: (executable: string, args: readonly string[]) => { command: string; args: string[] };
  readonly interactive?: boolean;
  /** Beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: DriverEvent) => void;
  readonly onConsole?: (line: string) => void;
  readonly onOutput?: (line: string) => void;
  readonly onStart?: (process: DriverProcess) => void;
  /** The driver has crashed: its process is kept until this is settled. */
  readonly onCrash?: OnCrash;
  /** Aborted by Ctrl-C: the driver is asked to end in order, and killed if it does not. */
  readonly signal?: AbortSignal;
  /** How long it may take for that, ms; default 250. */
  readonly orderlyMs?: number;
  /** Aborted by a second Ctrl-C: it is killed at once. */
  readonly insist?: AbortSignal;
}

export interface SessionEnd {
  readonly exitCode: number;
  /** The signal that ended the driver process. */
  readonly signal: NodeJS.Signals | undefined;
  readonly interrupted: boolean;
  readonly events: readonly DriverEvent[];
  readonly results: readonly ResultEvent[];
  readonly tcp: readonly TcpReport[];
}

/** How long an interrupted driver may take to unbind and free what it holds: nobody who presses Ctrl-C wants to wait. */
const ORDERLY_MS = 250;

const EXIT_CRASHED = 7;
const EXIT_WORKLOAD = 1;
const EXIT_INTERRUPTED = 130;

function readableFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new LaunchError('ERR_DDE_DRIVE', `--drive ${path}: ${reason === 'ENOENT' ? 'no such file' : reason}`, {
      cause,
    });
  }
}

function tooManyDrives(given: number, needed: number): string {
  const options = `${given} --drive ${given === 1 ? 'option' : 'options'}`;
  if (needed === 0) return `${options}, but no device needs a drive`;
  return `${options}, but only ${needed} ${needed === 1 ? 'device needs' : 'devices need'} a drive`;
}

/** @throws also what a callback of the request threw: the driver process is ended then */
export async function runSession(request: SessionRequest): Promise<SessionEnd> {
  const images: TemporaryImage[] = [];
  const fault = new FirstFault();
  const peers = new Peers((error) => fault.report(error));
  try {
    const needed = request.devices.filter((device) => device.needsDrive).length;
    if (request.drives.length > needed) {
      throw new LaunchError('ERR_DDE_DRIVE', tooManyDrives(request.drives.length, needed));
    }
    for (const file of request.drives) readableFile(file);
    const drives = [...request.drives];
    while (drives.length < needed) {
      const image = temporaryImage();
      images.push(image);
      drives.push(image.path);
    }
    const hasNet = request.devices.some((device) => device.kind === 'net');
    let network: Network = { kind: 'none' };
    if (request.net.kind === 'tap') network = request.net;
    if (request.net.kind === 'user' && hasNet) {
      const open = request.openNetwork === true || request.workloads.some((workload) => /^\s*udp\b/.test(workload));
      network = { kind: 'user', tcpPort: await freeTcpPort(), udpPort: await freeUdpPort(), open };
    }
    if (request.devices.some((device) => device.real)) {
      return await runProcess(request, request.qemuArgs, peers, { kind: 'none' }, fault);
    }
    const deviceArgs = qemuDeviceArgs({
      devices: request.devices,
      network,
      drives,
      ...(request.pcap === undefined ? {} : { pcap: request.pcap }),
    });
    return await runProcess(request, [...deviceArgs, ...request.qemuArgs], peers, network, fault);
  } finally {
    await peers.stop();
    for (const image of images) image.close();
  }
}

/** The workload's partners; each starts when the driver process says that it listens. */
class Peers {
  readonly #running = new Map<'tcp' | 'udp', Peer>();
  readonly #ended: Promise<void>[] = [];
  readonly #reports: (readonly TcpReport[])[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  start(protocol: 'tcp' | 'udp', network: Network): void {
    if (network.kind !== 'user') return;
    const before = this.#running.get(protocol);
    // The TCP peer goes on by itself; the UDP peer has said hello already, and a new workload waits for one.
    if (before !== undefined && protocol === 'tcp') return;
    if (before !== undefined) this.#ended.push(before.stop());
    const ports = protocol === 'tcp' ? { tcpPort: network.tcpPort } : { udpPort: network.udpPort };
    const peer = startPeer(ports, this.#onError);
    this.#reports.push(peer.reports);
    this.#running.set(protocol, peer);
  }

  get reports(): TcpReport[] {
    return this.#reports.flat();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#ended, ...[...this.#running.values()].map((peer) => peer.stop())]);
  }
}

async function runProcess(
  request: SessionRequest,
  qemuArgs: readonly string[],
  peers: Peers,
  network: Network,
  fault: FirstFault,
): Promise<SessionEnd> {
  const events: DriverEvent[] = [];
  const results: ResultEvent[] = [];
  const crash = new CrashWatch(request.onCrash, (error) => fault.report(error));
  const onEvent = (event: DriverEvent): void => {
    crash.event(event, process_);
    events.push(event);
    if (event.type === 'result') results.push(event);
    if (event.type === 'listening') peers.start(event.protocol, network);
    request.onEvent?.(event);
  };
  const real = request.devices.find((device) => device.real);
  const args = driverArgs({
    workload: request.workloads.map(workloadText).join(';'),
    posted: request.posted ?? !request.devices.some((device) => device.synchronousWrites),
    resultFd: RESULT_FD,
    controlFd: CONTROL_FD,
    ...(real === undefined ? {} : { device: real.model }),
    ...(request.traceFd === undefined ? {} : { traceFd: TRACE_FD }),
    ...(request.program === undefined ? {} : { program: request.program }),
    ...(request.programStdio === undefined ? {} : { programFd: PROGRAM_FD }),
    ...pick(request, ['mapPaths', 'cmdline', 'memoryMiB', 'huge', 'watchdogSeconds', 'loglevel', 'qemu']),
    qemuArgs,
  });
  const start = request.wrap?.(request.executable, args) ?? { command: request.executable, args };
  const { onConsole, onOutput } = request;
  const process_: DriverProcess = await startDriver({
    ...start,
    onEvent: fault.guard(onEvent),
    ...(onConsole === undefined ? {} : { onConsole: fault.guard(onConsole) }),
    ...(onOutput === undefined ? {} : { onOutput: fault.guard(onOutput) }),
    ...pick(request, ['traceFd', 'interactive', 'programStdio', 'env']),
  });
  request.onStart?.(process_);
  const signals = request.signal === undefined ? [fault.signal] : [fault.signal, request.signal];
  const stop = stopOnAbort(AbortSignal.any(signals), process_, request);
  const end = await process_.ended;
  await crash.end(process_);
  stop();
  fault.throwIfAny();
  const interrupted = request.signal?.aborted === true;
  return {
    exitCode: exitCodeOf(end, interrupted, results),
    signal: end.signal,
    interrupted,
    events,
    results,
    tcp: peers.reports,
  };
}

function stopOnAbort(
  signal: AbortSignal,
  process_: DriverProcess,
  { orderlyMs = ORDERLY_MS, insist }: Pick<SessionRequest, 'orderlyMs' | 'insist'>,
): () => void {
  let over = false;
  const kill = (): void => process_.signal('SIGKILL');
  insist?.addEventListener('abort', kill, { once: true });
  const stop = (): void => {
    process_.signal('SIGINT');
    void delay(orderlyMs, undefined, { ref: false }).then(() => {
      if (!over) kill();
    });
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => {
    over = true;
    insist?.removeEventListener('abort', kill);
    signal.removeEventListener('abort', stop);
  };
}

function exitCodeOf(
  end: { code: number | undefined; signal: NodeJS.Signals | undefined },
  interrupted: boolean,
  results: readonly ResultEvent[],
): number {
  if (interrupted) return EXIT_INTERRUPTED;
  if (end.signal !== undefined) return EXIT_CRASHED;
  if (end.code === 0 && results.some((result) => !result.ok)) return EXIT_WORKLOAD;
  return end.code ?? EXIT_CRASHED;
}

/** The given properties without those that are undefined: `exactOptionalPropertyTypes` tells the two apart. */
function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Pick<T, K>;
}
