// SPDX-License-Identifier: MIT
// One run of a driver from its start to its exit code: devices, ports, disk images, peer, process, workloads.

import { constants, accessSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { freeTcpPort, freeUdpPort, type Peer, startPeer, type TcpReport } from './peer/index.js';
import { type DeviceSpec, type Network, qemuDeviceArgs } from './device-plan.js';
import { driverArgs } from './driver-args.js';
import type { DriverEvent, ResultEvent } from './driver-events.js';
import { CONTROL_FD, type DriverProcess, RESULT_FD, startDriver, TRACE_FD } from './driver-process.js';
import { LaunchError } from '../builds/errors.js';
import { type TemporaryImage, temporaryImage } from './image.js';

export interface SessionRequest {
  readonly executable: string;
  readonly devices: readonly DeviceSpec[];
  readonly net: { readonly kind: 'user' } | { readonly kind: 'none' } | { readonly kind: 'tap'; readonly name: string };
  readonly pcap?: string;
  /** Files for devices that need one; those that are left without get a temporary image. */
  readonly drives: readonly string[];
  readonly cmdline?: string;
  readonly memoryMiB?: number;
  readonly posted?: boolean;
  readonly watchdogSeconds?: number;
  readonly loglevel?: number;
  readonly qemu?: string;
  /** More arguments for QEMU: -trace, -qmp. */
  readonly qemuArgs: readonly string[];
  /** Run one after the other on one bound driver. */
  readonly workloads: readonly string[];
  readonly traceFd?: number;
  /** Wraps the executable: gdb or valgrind. */
  readonly wrap?: (executable: string, args: readonly string[]) => { command: string; args: string[] };
  readonly interactive?: boolean;
  readonly onEvent?: (event: DriverEvent) => void;
  readonly onConsole?: (line: string) => void;
  readonly onOutput?: (line: string) => void;
  readonly onStart?: (process: DriverProcess) => void;
  /** Aborted by Ctrl-C: the driver is asked to end in order, and killed if it does not. */
  readonly signal?: AbortSignal;
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

/** How long an interrupted driver may take to unbind and free what it holds. */
const ORDERLY_MS = 5000;

const EXIT_CRASHED = 7;
const EXIT_WORKLOAD = 1;
const EXIT_INTERRUPTED = 130;

export function readableFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new LaunchError('ERR_DDE_DRIVE', `--drive ${path}: ${reason === 'ENOENT' ? 'no such file' : reason}`, {
      cause,
    });
  }
}

export async function runSession(request: SessionRequest): Promise<SessionEnd> {
  const images: TemporaryImage[] = [];
  const peers = new Peers();
  try {
    const needed = request.devices.filter((device) => device.needsDrive).length;
    if (request.drives.length > needed) {
      throw new LaunchError('ERR_DDE_DRIVE', `${request.drives.length} drives for ${needed} devices that take one`);
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
      const open = request.workloads.some((workload) => /^\s*udp\b/.test(workload));
      network = { kind: 'user', tcpPort: await freeTcpPort(), udpPort: await freeUdpPort(), open };
    }
    const deviceArgs = qemuDeviceArgs({
      devices: request.devices,
      network,
      drives,
      ...(request.pcap === undefined ? {} : { pcap: request.pcap }),
    });
    return await runProcess(request, [...deviceArgs, ...request.qemuArgs], peers, network);
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

  start(protocol: 'tcp' | 'udp', network: Network): void {
    if (network.kind !== 'user') return;
    const before = this.#running.get(protocol);
    // The TCP peer goes on by itself; the UDP peer has said hello already, and a new workload waits for one.
    if (before !== undefined && protocol === 'tcp') return;
    if (before !== undefined) this.#ended.push(before.stop());
    const peer = startPeer(protocol === 'tcp' ? { tcpPort: network.tcpPort } : { udpPort: network.udpPort });
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
): Promise<SessionEnd> {
  const events: DriverEvent[] = [];
  const results: ResultEvent[] = [];
  const onEvent = (event: DriverEvent): void => {
    events.push(event);
    if (event.type === 'result') results.push(event);
    if (event.type === 'listening') peers.start(event.protocol, network);
    request.onEvent?.(event);
  };
  const args = driverArgs({
    workload: request.workloads.join(';'),
    posted: request.posted ?? !request.devices.some((device) => device.synchronousWrites),
    resultFd: RESULT_FD,
    controlFd: CONTROL_FD,
    ...(request.traceFd === undefined ? {} : { traceFd: TRACE_FD }),
    ...pick(request, ['cmdline', 'memoryMiB', 'watchdogSeconds', 'loglevel', 'qemu']),
    qemuArgs,
  });
  const start = request.wrap?.(request.executable, args) ?? { command: request.executable, args };
  const process_ = await startDriver({
    ...start,
    onEvent,
    ...pick(request, ['traceFd', 'interactive', 'onConsole', 'onOutput']),
  });
  request.onStart?.(process_);
  const stop = stopOnAbort(request.signal, process_);
  const end = await process_.ended;
  stop();
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

function stopOnAbort(signal: AbortSignal | undefined, process_: DriverProcess): () => void {
  if (signal === undefined) return () => undefined;
  let over = false;
  const stop = (): void => {
    process_.signal('SIGINT');
    void delay(ORDERLY_MS, undefined, { ref: false }).then(() => {
      if (!over) process_.signal('SIGKILL');
    });
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => {
    over = true;
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
