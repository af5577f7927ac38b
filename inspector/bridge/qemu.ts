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
export function qemuOf(driver: number): number | undefined {
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
export function qmpPath(pid: number): string | undefined {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const at = args.indexOf('-qmp');
  return at < 0 ? undefined : /^unix:([^,]+)/.exec(args[at + 1] ?? '')?.[1];
}

/** Without a monitor the whole QEMU process is stopped, which also stops its answers to register accesses. */
export class SignalStop implements WorldStop {
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

/** By QMP where there is a socket that nobody else uses, by signals otherwise. */
export async function stopperOf(driver: number): Promise<{ stopper: WorldStop; how: string } | undefined> {
  const pid = qemuOf(driver);
  if (pid === undefined) return undefined;
  const path = qmpPath(pid);
  if (path !== undefined) {
    try {
      return { stopper: await Qmp.open(path), how: `QMP ${path}` };
    } catch {
      // Somebody else has the monitor.
    }
  }
  return { stopper: new SignalStop(pid), how: `SIGSTOP to QEMU ${pid}` };
}
