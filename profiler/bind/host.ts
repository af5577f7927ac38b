// SPDX-License-Identifier: MIT
// The kernel's files that binding reads and writes. Tests give another root and play the kernel.

import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { BindError } from './errors.js';

export interface Host {
  /** Before /sys, /proc and /run. */
  readonly root: string;
  /** Writes to a file of the kernel, which acts on it at once. */
  write(path: string, text: string): void;
  loadModule(name: string): Promise<void>;
}

function writeKernelFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new BindError('ERR_DDE_BIND_RIGHTS', `${path}: ${code}`, { advice: 'Run it as root.', cause });
    }
    throw cause;
  }
}

async function modprobe(name: string): Promise<void> {
  const { exitCode, stderr, code } = await execa('/sbin/modprobe', [name], { reject: false });
  if (exitCode === 0) return;
  throw new BindError('ERR_DDE_BIND_MODULE', `modprobe ${name} failed: ${(stderr ?? code ?? '').trim()}`, {
    advice: "The module comes with the kernel's package; loading one needs root.",
  });
}

export const HOST: Host = { root: '/', write: writeKernelFile, loadModule: modprobe };

/** A file's text without the line's end; undefined if there is none. */
export function read(host: Host, path: string): string | undefined {
  try {
    return readFileSync(join(host.root, path), 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

export function names(host: Host, path: string): string[] {
  const folder = join(host.root, path);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** The last part of where a link points to, as sysfs tells of driver and group. */
export function linkName(host: Host, path: string): string | undefined {
  try {
    return basename(readlinkSync(join(host.root, path)));
  } catch {
    return undefined;
  }
}

/** The path below the root that a link stands for. */
export function real(host: Host, path: string): string | undefined {
  try {
    return realpathSync(join(host.root, path));
  } catch {
    return undefined;
  }
}
