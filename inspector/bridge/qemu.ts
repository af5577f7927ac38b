// SPDX-License-Identifier: MIT
// The QEMU of a driver process: its device, which stands still while the driver is paused.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { Qmp } from './qmp.js';
import type { WorldStop } from './world-stop.js';

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** The driver process starts QEMU itself. Undefined: it has another back end. */
function qemuOf(driver: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      if (parentOf(pid) !== driver) return false;
      try {
        return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('qemu-system');
      } catch {
        return false;
      }
    });
}

/** The path of `-qmp unix:PATH,...`. */
function qmpPath(pid: number): string | undefined {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const at = args.indexOf('-qmp');
  return at < 0 ? undefined : /^unix:([^,]+)/.exec(args[at + 1] ?? '')?.[1];
}

/** Without a monitor the whole QEMU process is stopped, which also stops its answers to register accesses. */
class SignalStop implements WorldStop {
  readonly #pid: number;
  #stopped = false;

  constructor(pid: number) {
    this.#pid = pid;
  }

  async stop(): Promise<void> {
    process.kill(this.#pid, 'SIGSTOP');
    this.#stopped = true;
  }

  async cont(): Promise<void> {
    if (this.#stopped) process.kill(this.#pid, 'SIGCONT');
    this.#stopped = false;
  }

  close(): void {
    // Nothing is open.
  }
}

export interface Device {
  readonly stopper: WorldStop;
  readonly how: string;
  readonly qemu: number;
  readonly qmp: string | undefined;
}

/** By QMP where there is a socket that nobody else uses, by signals otherwise. Undefined: the driver has no QEMU. */
async function deviceOf(driver: number): Promise<Device | undefined> {
  const qemu = qemuOf(driver);
  if (qemu === undefined) return undefined;
  const qmp = qmpPath(qemu);
  if (qmp !== undefined) {
    try {
      return { stopper: await Qmp.open(qmp), how: 'QMP stop', qemu, qmp };
    } catch {
      // Somebody else has the monitor.
    }
  }
  return { stopper: new SignalStop(qemu), how: 'SIGSTOP', qemu, qmp: undefined };
}

/** The device of a driver that may not have started it yet: looked for at each stop, until it is there. */
export class LateDevice implements WorldStop {
  readonly #driver: number;
  readonly #found: (device: Device) => void;
  #device: Device | undefined;

  constructor(driver: number, found: (device: Device) => void) {
    this.#driver = driver;
    this.#found = found;
  }

  get how(): string {
    return this.#device?.how ?? 'none';
  }

  async look(): Promise<Device | undefined> {
    if (this.#device !== undefined) return this.#device;
    this.#device = await deviceOf(this.#driver);
    if (this.#device !== undefined) this.#found(this.#device);
    return this.#device;
  }

  async stop(): Promise<void> {
    await (await this.look())?.stopper.stop();
  }

  async cont(): Promise<void> {
    await this.#device?.stopper.cont();
  }

  close(): void {
    this.#device?.stopper.close();
  }
}
