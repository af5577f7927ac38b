// SPDX-License-Identifier: MIT
// Kernel threads: which there are, and what each waits for.
import type { Gdb, GdbFrame, GdbThread } from '../mi/index.js';
import type { Thread } from './dde.gen.js';

/** Threads of the host side: they run beside the virtual CPU and are none of the kernel's. */
const HOST = /^(dde-|driver$)/;
/** The way from a wait to the switch of the virtual CPU. */
const SWITCHING = /^(__)?(schedule|switch|context_switch|schedule_\w+|preempt_schedule\w*|__switch_to|io_schedule\w*)$/;
const MAX_FRAMES = 40;

export function isKernelThread({ name }: GdbThread): boolean {
  return !HOST.test(name);
}

/** The first function above the scheduler; undefined when the thread does not wait. */
function waitChannel(frames: readonly Pick<GdbFrame, 'func'>[]): string | undefined {
  const last = frames.findLastIndex(({ func }) => func !== undefined && SWITCHING.test(func));
  return last < 0 ? undefined : frames[last + 1]?.func;
}

/** The thread that has the virtual CPU; 0 when there is none yet. */
async function runnerTid(gdb: Gdb): Promise<number> {
  try {
    return Number(await gdb.evaluate('ddekit__runner->host_tid'));
  } catch {
    return 0;
  }
}

/** The driver must be paused: stacks of running threads cannot be read. */
export async function kernelThreads(gdb: Gdb): Promise<Thread[]> {
  const runner = await runnerTid(gdb);
  const threads = (await gdb.threads()).filter(isKernelThread);
  const result: Thread[] = [];
  for (const { id, tid, name } of threads) {
    const running = tid === runner;
    const channel = running ? undefined : waitChannel(await gdb.frames(id, 0, MAX_FRAMES));
    result.push({ id, tid, name, running, ...(channel === undefined ? {} : { waitChannel: channel }) });
  }
  return result;
}
