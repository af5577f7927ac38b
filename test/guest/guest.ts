// SPDX-License-Identifier: MIT
// Runs a command in a guest: boots, waits, takes the guest apart again, whatever happens.

import { randomBytes } from 'node:crypto';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { runFolder } from './cache.js';
import { GuestError } from './errors.js';
import { writeInitramfs } from './initramfs.js';
import { kernel, type KernelName } from './kernels.js';
import { faultLines, kernelLog } from './log.js';
import { OutputReader } from './output.js';
import { qemuArguments } from './qemu.js';
import { qmp } from './qmp.js';

export interface GuestOptions {
  readonly kernel: KernelName;
  /** A shell script for busybox; its exit code is the result. */
  readonly command: string;
  /** Debian's modules to load first, by name; what they need comes along. */
  readonly modules?: readonly string[];
  readonly files?: readonly { readonly from: string; readonly to: string }[];
  /** Programs of the host to take along with their libraries. */
  readonly programs?: readonly string[];
  /** More arguments for QEMU, such as ['-device', 'edu,addr=4']. */
  readonly devices?: readonly string[];
  /** An Intel IOMMU, switched on. */
  readonly iommu?: boolean;
  readonly icount?: boolean;
  /** More words for the kernel's command line. */
  readonly append?: readonly string[];
  readonly memoryMib?: number;
  readonly cpus?: number;
  /** Of the whole guest, boot and all. */
  readonly timeoutSeconds?: number;
  /** A folder of the host that the guest sees as /artefacts and may write to. */
  readonly artefacts?: string;
  /** The host's files, read-only, at /host: `chroot /host PROGRAM` runs any program of the host, if slowly. */
  readonly hostRoot?: boolean;
  /** Lines of the log that are expected though they look like a fault. */
  readonly allowed?: readonly RegExp[];
  readonly onOutput?: (text: string) => void;
  readonly onWork?: (what: string) => void;
  readonly signal?: AbortSignal;
}

export interface GuestResult {
  readonly code: number;
  /** stdout and stderr of the command. */
  readonly output: string;
  /** The kernel's log. */
  readonly log: string;
  /** Lines of it that tell of a fault. */
  readonly faults: readonly string[];
  readonly seconds: number;
}

/** Ten times what a run takes on a machine with nothing else to do: others may be at work. */
const TIMEOUT_SECONDS = 300;
const CONSOLE_TAIL = 40;

type Qemu = ChildProcessByStdio<null, Readable, Readable>;

/** Also if this process is killed: the kernel sends the signal then. */
function startQemu(args: readonly string[], folder: string): Qemu {
  const command = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args];
  return spawn('setpriv', command, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-CONSOLE_TAIL).join('\n');
}

interface End {
  readonly status: number | null;
  readonly why: 'exit' | 'timeout' | 'interrupted';
  readonly errors: string;
}

/** Waits for the end of QEMU, or brings it about. */
function waitFor(child: Qemu, seconds: number, signal: AbortSignal | undefined): Promise<End> {
  return new Promise((done, fail) => {
    let why: End['why'] = 'exit';
    let errors = '';
    const end = (reason: End['why']) => {
      why = reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end('timeout'), seconds * 1000);
    const onAbort = () => end('interrupted');
    const atExit = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', onAbort);
    process.once('exit', atExit);
    if (signal?.aborted) onAbort();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      process.off('exit', atExit);
    };
    child.once('error', (cause) => {
      finish();
      fail(new GuestError('ERR_GUEST_QEMU', `QEMU could not be started: ${cause.message}`, { cause }));
    });
    child.once('close', (status) => {
      finish();
      done({ status, why, errors });
    });
  });
}

function checkEnd(end: End, reader: OutputReader, console: string, seconds: number): number {
  if (end.why === 'interrupted') throw new GuestError('ERR_GUEST_INTERRUPTED', 'interrupted');
  if (reader.code !== undefined) return reader.code;
  const shown = `${tail(console)}\n${tail(reader.output)}`.trim();
  if (end.why === 'timeout') {
    const where = reader.started ? 'the command was still running' : 'it had not come to the command';
    throw new GuestError('ERR_GUEST_TIMEOUT', `the guest was stopped after ${seconds} s: ${where}\n${shown}`);
  }
  if (/Kernel panic|\bOops\b|BUG:/.test(console)) {
    throw new GuestError('ERR_GUEST_PANIC', `the guest's kernel crashed:\n${shown}`);
  }
  throw new GuestError(
    'ERR_GUEST_QEMU',
    `QEMU ended (status ${end.status}) before the command did:\n${end.errors}${shown}`,
  );
}

async function runIn(folder: string, options: GuestOptions): Promise<GuestResult> {
  const found = await kernel(options.kernel, options.onWork);
  const nonce = `@${randomBytes(6).toString('hex')}`;
  const paths = { initramfs: join(folder, 'initramfs'), console: join(folder, 'console'), qmp: join(folder, 'qmp') };
  const artefacts = options.artefacts === undefined ? undefined : resolve(options.artefacts);
  const hostRoot = options.hostRoot ?? false;
  const shares = artefacts !== undefined || hostRoot;
  if (artefacts !== undefined) await mkdir(artefacts, { recursive: true });
  await writeInitramfs(paths.initramfs, found, {
    command: options.command,
    nonce,
    modules: [...(shares ? ['virtio_pci', '9p', '9pnet_virtio'] : []), ...(options.modules ?? [])],
    files: options.files ?? [],
    programs: options.programs ?? [],
    artefacts: artefacts !== undefined,
    hostRoot,
  });
  const seconds = options.timeoutSeconds ?? TIMEOUT_SECONDS;
  const started = performance.now();
  const args = qemuArguments({
    ...paths,
    vmlinux: found.vmlinux,
    memoryMib: options.memoryMib ?? 512,
    cpus: options.cpus ?? 2,
    iommu: options.iommu ?? false,
    icount: options.icount ?? false,
    append: options.append ?? [],
    devices: options.devices ?? [],
    artefacts,
    hostRoot,
  });
  if (options.signal?.aborted) throw new GuestError('ERR_GUEST_INTERRUPTED', 'interrupted');
  const child = startQemu(args, folder);
  const reader = new OutputReader(nonce, options.onOutput, (text) => qmp(paths.qmp, text));
  child.stdout.on('data', (bytes: Buffer) => reader.push(bytes));
  const end = await waitFor(child, seconds, options.signal);
  await reader.finish();
  const console = existsSync(paths.console) ? await readFile(paths.console, 'latin1') : '';
  const code = checkEnd(end, reader, console, seconds);
  const log = kernelLog(console);
  return {
    code,
    output: reader.output,
    log,
    faults: [...faultLines(log, options.allowed), ...reader.failures],
    seconds: (performance.now() - started) / 1000,
  };
}

/** Boots a guest, runs the command, gives the result. Rejects with a GuestError if there is none. */
export async function runGuest(options: GuestOptions): Promise<GuestResult> {
  const folder = await runFolder();
  try {
    return await runIn(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
