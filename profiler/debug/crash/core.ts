// SPDX-License-Identifier: MIT
// A core file of a process that is kept: by gdb, which does not ask the machine's core_pattern and limits.

import { renameSync, rmSync, statSync } from 'node:fs';
import { execa } from 'execa';
import { LaunchError } from '../../builds/index.js';

/** @throws LaunchError when gdb could not write it */
export async function writeCore(pid: number, file: string): Promise<void> {
  const args = ['-q', '-nx', '-batch', '-p', String(pid)];
  const end = await execa('gdb', [...args, '-ex', `generate-core-file ${file}`], { reject: false });
  if (/Saved corefile/.test(end.stdout) && statSync(file, { throwIfNoEntry: false })?.isFile() === true) {
    await digHoles(file);
    return;
  }
  rmSync(file, { force: true });
  const why = end.stderr.trim().split('\n').at(-1) ?? '';
  throw new LaunchError('ERR_DDE_PROCESS', `${file}: gdb could not write a core file of process ${pid}: ${why}`);
}

/** Most of it is zeros: memory and rings that were never used. Without room for the copy it stays as it is. */
async function digHoles(file: string): Promise<void> {
  const sparse = `${file}.sparse`;
  const end = await execa('cp', ['--sparse=always', file, sparse], { reject: false });
  if (end.exitCode === 0) renameSync(sparse, file);
  else rmSync(sparse, { force: true });
}
