// SPDX-License-Identifier: MIT
// From a process id to a Driver: gdb is started and attached, the device is found, the driver goes on.
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { ElfFile } from '../../tracer/elf/file.js';
import { Gdb, type GdbProcess, quote, startGdb } from '../mi/index.js';
import { ClockStop } from './clock.js';
import { Driver } from './driver.js';
import { ProcessMemory } from './memory.js';
import { Printk } from './printk.js';
import { LateDevice } from './qemu.js';
import { recover, type Wards } from './recover.js';
import { Sources } from './sources.js';
import { SETTINGS, Target } from './target.js';
import { Guardian } from './watch-over.js';
import { allOf, type WorldStop } from './world-stop.js';

export interface AttachRequest {
  readonly pid: number;
  readonly executable: string;
  readonly driverName: string;
  readonly sourceRoot: string;
  readonly buildRoot: string | undefined;
  readonly buildId: string;
  readonly toolRoot: string;
  /** gdb_unwinder.py: the way through traced functions. */
  readonly unwinder: string;
  readonly readOnly: boolean;
  /** The process is a shell that has stopped before it executes the driver. */
  readonly beforeExec: boolean;
  /** The driver is left paused at the start of its probe function. */
  readonly breakOnProbe: boolean;
  readonly onLog: (text: string) => void;
}

export interface DriverSession {
  readonly driver: Driver;
  readonly gdb: GdbProcess;
  /** How the device is stopped with the driver: "QMP stop", "SIGSTOP" or "none". */
  readonly device: () => string;
  /** The driver runs on, without breakpoints. */
  close(): Promise<void>;
}

/** PCI memory and ports as the QEMU back end lays them out; a read of a register may change the device. */
const DEVICE_RANGES: readonly (readonly [number, number])[] = [
  [0x1000, 0x10000],
  [0xc0000000, 0x100000000],
];

function indexCache(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'dde-profile', 'gdb-index');
}

/**
 * With an index of its debug information gdb finds a type of the kernel in milliseconds, without one in seconds. gdb writes it when it
 * reads a program for the first time, and uses it from the second time on.
 */
async function ensureIndex(executable: string, buildId: string, onLog: (text: string) => void): Promise<string[]> {
  const dir = indexCache();
  const settings = [`-gdb-set index-cache directory ${dir}`, '-gdb-set index-cache enabled on'];
  try {
    mkdirSync(dir, { recursive: true });
  } catch {
    return [];
  }
  if (existsSync(join(dir, `${buildId}.gdb-index`))) return settings;
  onLog('index the debug information of this build, once');
  const args = ['-q', '-nx', '-batch', '-ex', `set index-cache directory ${dir}`, '-ex', 'set index-cache enabled on'];
  await new Promise<void>((resolve) => {
    const child = spawn('gdb', [...args, executable], { stdio: 'ignore' });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  return settings;
}

function variableAddress(executable: string, name: string): number | undefined {
  const elf = new ElfFile(executable);
  try {
    return elf.variable(name);
  } finally {
    elf.close();
  }
}

function worldOf(
  request: AttachRequest,
  memory: ProcessMemory,
  wards: Wards,
): { world: WorldStop; device: LateDevice } {
  const clock = variableAddress(request.executable, 'ddekit_stopped_ns');
  const guardian = new Guardian(wards);
  const device = new LateDevice(request.pid, ({ how, qemu, qmp }) => {
    guardian.device(qemu, qmp);
    request.onLog(`the device pauses with the driver (${how})`);
  });
  // The guardian is the first to know; the clock stands still for as long as the device, or longer.
  const parts: WorldStop[] = [guardian, ...(clock === undefined ? [] : [new ClockStop(memory, clock)]), device];
  return { world: allOf(parts), device };
}

async function prepare(gdb: Gdb, request: AttachRequest, settings: readonly string[]): Promise<void> {
  await Promise.all([...SETTINGS, ...settings].map((command) => gdb.client.send(command)));
  const { sourceRoot, buildRoot, executable } = request;
  if (buildRoot !== undefined && buildRoot !== sourceRoot)
    await gdb.client.send(`-gdb-set substitute-path ${quote(buildRoot)} ${quote(sourceRoot)}`);
  await gdb.client.send(`-file-exec-and-symbols ${quote(executable)}`);
}

/** Rejects when gdb cannot be started, or cannot attach. The driver stands still for as long as gdb takes to attach. */
export async function attachDriver(request: AttachRequest): Promise<DriverSession> {
  const settings = await ensureIndex(request.executable, request.buildId, request.onLog);
  const gdbProcess = await startGdb([], { onError: (text) => request.onLog(`gdb: ${text.trim()}`) });
  try {
    const gdb = new Gdb(gdbProcess.client);
    const target = new Target(gdb, request.pid);
    const loaded = prepare(gdb, request, settings);
    const sources = Sources.read(request);
    await loaded;
    const { pid, executable } = request;
    await target.attach();
    if (request.beforeExec) {
      await target.followExec();
      await gdb.client.send(`-file-exec-and-symbols ${quote(executable)}`);
    }
    // Not before the exec: it is the memory of the program that it was opened for.
    const memory = new ProcessMemory(pid, { write: true });
    const wards = { pid, gdb: gdbProcess.pid, executable, qemu: undefined, qmp: undefined };
    const { world, device } = worldOf(request, memory, wards);
    if (!request.beforeExec) await device.look();
    await gdb.cli(`source ${request.unwinder}`);
    // Write-only: gdb has no "none". All that no region is told of may be accessed.
    await gdb.client.send('-gdb-set mem inaccessible-by-default off');
    for (const [start, end] of DEVICE_RANGES) await gdb.cli(`mem ${start} ${end} wo`);
    const printk = await Printk.open(gdb, memory);
    target.world = world;
    const { driverName: name, readOnly } = request;
    const driver = new Driver(target, sources, { name, executable, readOnly, toolRoot: request.toolRoot });
    await driver.exceptions.watch();
    if (request.breakOnProbe) await target.runToProbe();
    target.listen();
    if (request.breakOnProbe) await driver.showStop();
    else await gdb.client.send('-exec-continue');
    const timer = followPrintk(driver, printk);
    let closing = false;
    // Killed: the driver goes on, but for what gdb has left in it.
    const recovered = gdbProcess.ended.then(async () => {
      if (closing) return;
      // A stop that is being worked on must not stop the device again.
      target.release();
      await world.cont().catch(() => undefined);
      await recover({ ...wards, qmp: undefined }, undefined);
      await world.cont().catch(() => undefined);
    });
    return {
      driver,
      gdb: gdbProcess,
      device: () => device.how,
      async close() {
        closing ||= !gdbProcess.client.ended;
        clearInterval(timer);
        await world.cont().catch(() => undefined);
        await gdbProcess.close();
        await recovered;
        world.close();
        memory.close();
      },
    };
  } catch (error) {
    await gdbProcess.close();
    throw error;
  }
}

const LEVELS = ['error', 'error', 'error', 'error', 'warning', 'info', 'log', 'debug'] as const;
const PRINTK_MS = 250;

/** The driver's clock begins with its process, near enough for a console. */
function followPrintk(driver: Driver, printk: Printk | undefined): NodeJS.Timeout | undefined {
  if (printk === undefined) return undefined;
  let start: number | undefined;
  const look = (): void => {
    const records = printk.read();
    if (records.length === 0) return;
    start ??= Date.now() - Number(records[records.length - 1]?.time ?? 0n) / 1e6;
    for (const { level, text, time } of records)
      driver.print({ type: LEVELS[level] ?? 'log', text, time: start + Number(time) / 1e6 });
  };
  look();
  return setInterval(look, PRINTK_MS);
}
