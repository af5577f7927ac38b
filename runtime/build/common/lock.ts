// SPDX-License-Identifier: MIT
// A lock between processes: a file that holds the owner's process id and start time, made whole by link(2).
import { rmSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Field 22 of /proc/PID/stat: tells a process from a later one with the same id. */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

async function isAlive(owner: string): Promise<boolean> {
  const [pid, start] = owner.trim().split(' ');
  return start !== undefined && (await startTime(Number(pid))) === start;
}

let serial = 0;

/** Held by this process: removed also when it is ended in the midst of its work. */
const held = new Set<string>();
process.on('exit', () => {
  for (const file of held) rmSync(file, { force: true });
});

async function tryLock(file: string): Promise<boolean> {
  const mine = `${file}.${process.pid}.${serial++}`;
  await writeFile(mine, `${process.pid} ${await startTime(process.pid)}`);
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Runs `work` while no other process (and no other caller here) holds `file`; `onWait` is called once if it has to wait, with its owner. */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: (pid: number) => void): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  for (let waited = false; !(await tryLock(file)); ) {
    const owner = await readFile(file, 'utf8').catch(() => undefined);
    if (owner !== undefined && !(await isAlive(owner))) {
      // Only who removes the stale file under the second name may take it away.
      if (await tryLock(`${file}.stale`)) {
        if ((await readFile(file, 'utf8').catch(() => undefined)) === owner) await rm(file, { force: true });
        await rm(`${file}.stale`, { force: true });
      }
      continue;
    }
    if (!waited && owner !== undefined) {
      onWait?.(Number(owner.split(' ')[0]));
      waited = true;
    }
    await sleep(100);
  }
  held.add(file);
  try {
    return await work();
  } finally {
    held.delete(file);
    await rm(file, { force: true });
  }
}
