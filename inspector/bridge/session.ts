// SPDX-License-Identifier: MIT
// From a process id to a Driver: gdb is started and attached, the device is found, the driver goes on.
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { ElfFile } from '../../tracer/symbols/index.js';
import { Gdb, type GdbProcess, quote, startGdb } from '../mi/index.js';
import { ClockStop } from './clock.js';
import { Driver } from './driver.js';
import { ProcessMemory } from './memory.js';
import { Printk } from './printk.js';
import { type Device, deviceOf } from './qemu.js';
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
  readonly onLog: (text: string) => void;
}

export interface DriverSession {
  readonly driver: Driver;
  readonly gdb: GdbProcess;
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
    return elf.variable(name)?.addr;
  } finally {
    elf.close();
  }
}

function worldOf(request: AttachRequest, memory: ProcessMemory, device: Device | undefined, wards: Wards): WorldStop {
  const parts: WorldStop[] = [];
  const clock = variableAddress(request.executable, 'ddekit_stopped_ns');
  // The first to know, the last to stand still.
  parts.push(new Guardian(wards));
  if (clock !== undefined) parts.push(new ClockStop(memory, clock));
  if (device !== undefined) {
    parts.push(device.stopper);
    request.onLog(`the device pauses with the driver (${device.how})`);
  }
  return allOf(parts);
}

async function prepare(gdb: Gdb, request: AttachRequest, settings: readonly string[]): Promise<void> {
  await Promise.all([...SETTINGS, ...settings].map((command) => gdb.client.send(command)));
  const { sourceRoot, buildRoot, executable } = request;
  if (buildRoot !== undefined && buildRoot !== sourceRoot)
    await gdb.client.send(`-gdb-set substitute-path ${quote(buildRoot)} ${quote(sourceRoot)}`);
  await gdb.client.send(`-file-exec-and-symbols ${quote(executable)}`);
}

async function cellsOf(gdb: Gdb): Promise<{ base: number; size: number } | undefined> {
  try {
    const base = Number(await gdb.evaluate('(unsigned long)ddet_cells_base'));
    return { base, size: Number(await gdb.evaluate('(unsigned long)ddet_cells_size')) };
  } catch {
    return undefined;
  }
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
    const memory = new ProcessMemory(request.pid, { write: true });
    const device = await deviceOf(request.pid);
    const wards = {
      pid: request.pid,
      gdb: gdbProcess.pid,
      executable: request.executable,
      qemu: device?.qemu,
      qmp: device?.qmp,
    };
    const world = worldOf(request, memory, device, wards);
    await target.attach();
    await gdb.cli(`source ${request.unwinder}`);
    // Write-only: gdb has no "none". All that no region is told of may be accessed.
    await gdb.client.send('-gdb-set mem inaccessible-by-default off');
    for (const [start, end] of DEVICE_RANGES) await gdb.cli(`mem ${start} ${end} wo`);
    const cells = await cellsOf(gdb);
    const printk = await Printk.open(gdb, memory);
    target.world = world;
    const { driverName: name, executable, readOnly } = request;
    const driver = new Driver(target, sources, { name, executable, readOnly, cells });
    await gdb.client.send('-exec-continue');
    const timer = followPrintk(driver, printk);
    let closing = false;
    // Killed: the driver goes on, but for what gdb has left in it.
    const recovered = gdbProcess.ended.then(async () => {
      if (closing) return;
      await world.cont().catch(() => undefined);
      await recover({ ...wards, qmp: undefined }, undefined);
    });
    return {
      driver,
      gdb: gdbProcess,
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
