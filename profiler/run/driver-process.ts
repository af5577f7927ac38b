// SPDX-License-Identifier: MIT
// A running driver process: its events, its console, its control socket, its end.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { type DriverEvent, parseEvent } from './driver-events.js';
import { LaunchError } from '../builds/errors.js';

/** The descriptors that the executable is told about; the trace region's is the last, as not every run has one. */
export const RESULT_FD = 3;
export const CONTROL_FD = 4;
export const TRACE_FD = 5;
/** stdin, stdout and stderr of a program of the user: the terminal of this tool. */
export const PROGRAM_FD = 6;

export interface StartRequest {
  readonly command: string;
  readonly args: readonly string[];
  /** A descriptor of this process. */
  readonly traceFd?: number;
  /** stdin, stdout and stderr for a program that the driver process starts. */
  readonly programStdio?: readonly [number, number, number];
  /** A debugger needs the terminal: console and keyboard stay connected to it. */
  readonly interactive?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly onEvent?: (event: DriverEvent) => void;
  readonly onConsole?: (line: string) => void;
  /** What the process writes to stdout: a driver nothing, valgrind or gdb their report. */
  readonly onOutput?: (line: string) => void;
}

export interface ProcessEnd {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

export interface DriverProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  /** One line for the control socket: `unbind`, `bind`, `workload ...`, `quit`. */
  control(line: string): void;
  signal(signal: NodeJS.Signals): void;
}

function lines(stream: Readable, take: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const reader = createInterface({ input: stream });
    reader.on('line', take);
    reader.on('close', resolve);
    stream.on('error', () => reader.close());
  });
}

/** Starts it in a process group of its own: Ctrl-C reaches it only through this tool, which ends it in order. */
export async function startDriver(request: StartRequest): Promise<DriverProcess> {
  const { command, args, traceFd, interactive = false } = request;
  const child: ChildProcess = spawn(command, args, {
    detached: !interactive,
    env: { ...process.env, ...request.env },
    stdio: [
      interactive ? 'inherit' : 'ignore',
      interactive ? 'inherit' : 'pipe',
      interactive ? 'inherit' : 'pipe',
      'pipe',
      'pipe',
      ...(traceFd === undefined ? (request.programStdio === undefined ? [] : (['ignore'] as const)) : [traceFd]),
      ...(request.programStdio ?? []),
    ],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new LaunchError('ERR_DDE_PROCESS', `${command}: ${cause.message}`, { cause })),
    );
  });
  const { stdout, stderr } = child;
  const result = child.stdio[RESULT_FD] as Duplex;
  const control = child.stdio[CONTROL_FD] as Duplex;
  control.on('error', () => undefined);
  control.resume();
  const readers = [
    lines(result, (line) => {
      const event = parseEvent(line);
      if (event !== undefined) request.onEvent?.(event);
    }),
  ];
  if (stderr !== null) readers.push(lines(stderr, (line) => request.onConsole?.(line)));
  if (stdout !== null) readers.push(lines(stdout, (line) => request.onOutput?.(line)));
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  const ended = exited.then(async (end) => {
    // What it wrote last is still in the pipes; a grandchild that holds them open must not keep the tool waiting.
    await Promise.race([Promise.all(readers), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    control.destroy();
    result.destroy();
    return end;
  });
  return {
    pid: child.pid as number,
    ended,
    control(line) {
      if (!control.destroyed) control.write(`${line}\n`);
    },
    signal(signal) {
      child.kill(signal);
    },
  };
}
