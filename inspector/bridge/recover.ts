// SPDX-License-Identifier: MIT
// Puts a driver process right after its debugger was killed: gdb leaves its int3 in the text, SIGSTOP may be pending, the device stands still.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ElfFile } from '../../tracer/elf/file.js';
import { ClockStop } from './clock.js';
import { mappings, ProcessMemory } from './memory.js';
import { Qmp } from './qmp.js';

const INT3 = 0xcc;
/** What the tracer writes over the first byte of a site. */
const JMP = 0xe9;
const INSTRUCTION = 5;
const GDB_MS = 2000;

export interface Wards {
  readonly pid: number;
  readonly gdb: number;
  readonly executable: string;
  readonly qemu: number | undefined;
  readonly qmp: string | undefined;
}

function fileBytes(path: string, offset: number, size: number): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(fd, bytes, 0, size, offset));
  } finally {
    closeSync(fd);
  }
}

/** The byte that an int3 stands for: the file's, or the tracer's jump, whose other four bytes differ from the file's. */
function original(memory: Buffer, file: Buffer, at: number): number {
  for (let i = at + 1; i < Math.min(at + INSTRUCTION, file.length); i++)
    if (memory[i] !== file[i] && memory[i] !== INT3) return JMP;
  return file[at] as number;
}

/** Puts back every instruction over which an int3 stands that is not in the file; returns how many. */
function restoreText(pid: number): number {
  const memory = new ProcessMemory(pid, { write: true });
  let restored = 0;
  try {
    for (const { start, end, access, offset, path } of mappings(pid)) {
      if (!access.includes('x') || !path.startsWith('/')) continue;
      let file: Buffer;
      try {
        file = fileBytes(path, offset, end - start);
      } catch {
        continue;
      }
      const now = memory.read(start, file.length);
      for (let at = now.indexOf(INT3); at >= 0; at = now.indexOf(INT3, at + 1)) {
        if (file[at] === INT3) continue;
        memory.write(start + at, Buffer.of(original(now, file, at)));
        restored++;
      }
    }
  } finally {
    memory.close();
  }
  return restored;
}

/** The process that traces another one; 0: none. Undefined: the process has ended. */
function tracerOf(pid: number): number | undefined {
  try {
    return Number(/^TracerPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

async function deviceGoesOn({ qemu, qmp }: Wards): Promise<void> {
  if (qemu !== undefined) signal(qemu, 'SIGCONT');
  if (qmp === undefined) return;
  try {
    const monitor = await Qmp.open(qmp);
    await monitor.cont();
    monitor.close();
  } catch {
    // QEMU has ended, or somebody else has its monitor.
  }
}

/** @param stoppedNs how long the driver has stood still; undefined: it was running */
export async function recover(wards: Wards, stoppedNs: bigint | undefined): Promise<number> {
  const { pid, gdb, executable } = wards;
  // gdb ends by itself when its stdin is closed, and then leaves nothing behind.
  for (let waited = 0; tracerOf(pid) === gdb && waited < GDB_MS; waited += 20) await delay(20);
  if (tracerOf(pid) === gdb) {
    signal(gdb, 'SIGKILL');
    while (tracerOf(pid) === gdb) await delay(5);
  }
  if (tracerOf(pid) === undefined) return 0;
  if (stoppedNs !== undefined) addToClock(pid, executable, stoppedNs);
  const restored = restoreText(pid);
  signal(pid, 'SIGCONT');
  await deviceGoesOn(wards);
  return restored;
}

function addToClock(pid: number, executable: string, stoppedNs: bigint): void {
  const elf = new ElfFile(executable);
  try {
    const addr = elf.variable('ddekit_stopped_ns');
    if (addr === undefined) return;
    const memory = new ProcessMemory(pid, { write: true });
    ClockStop.add(memory, addr, stoppedNs);
    memory.close();
  } finally {
    elf.close();
  }
}
