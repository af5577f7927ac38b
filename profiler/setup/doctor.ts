// SPDX-License-Identifier: MIT
// What this machine lacks, and the command that mends it. Facts only; the CLI prints them.

import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installCommand, packageStates } from './packages.js';
import { QEMU_MINIMUM, qemuState } from './qemu.js';
import { realDeviceChecks } from './real-devices.js';
import { projectRoot } from './root.js';

export interface Check {
  readonly name: string;
  /** `absent` is no fault: only some verbs or the tests need it. */
  readonly state: 'ok' | 'missing' | 'absent';
  readonly detail: string;
  readonly fix?: string;
}

const CACHE_BYTES = 4e9;

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 20);
  const check = { name: 'node', detail: `${process.versions.node}, at least 20.20` };
  return ok ? { ...check, state: 'ok' } : { ...check, state: 'missing', fix: 'install Node 20.20 or newer' };
}

async function packageChecks(): Promise<Check[]> {
  const states = await packageStates();
  if (states === undefined) {
    return [{ name: 'debian', state: 'missing', detail: 'no dpkg-query', fix: 'use Debian 12' }];
  }
  return states.map(({ name, use, why, version }) => {
    if (version !== undefined) return { name, state: 'ok', detail: version };
    const needed = use === 'build' || use === 'run' || use === 'trace';
    return {
      name,
      state: needed ? 'missing' : 'absent',
      detail: why,
      fix: installCommand([name]),
    };
  });
}

async function qemuCheck(qemu?: string): Promise<Check> {
  const found = await qemuState(qemu);
  const wanted = `at least ${QEMU_MINIMUM.join('.')}`;
  if (found.state === 'ok') return { name: 'qemu', state: 'ok', detail: `${found.version.text}, ${wanted}` };
  const detail = found.state === 'old' ? `${found.version.text}, ${wanted}` : found.detail;
  return { name: 'qemu', state: 'missing', detail, fix: installCommand(['qemu-system-x86']) };
}

function addonCheck(): Check {
  const built = existsSync(join(projectRoot, 'tracer/recorder/build/Release'));
  const check = { name: 'addon', detail: 'tracer/recorder/build' };
  return built ? { ...check, state: 'ok' } : { ...check, state: 'missing', fix: 'npm run setup' };
}

async function cacheCheck(folder: string): Promise<Check> {
  const name = 'cache';
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const detail = `${folder}, ${(free / 1e9).toFixed(1)} GB free`;
    if (free >= CACHE_BYTES) return { name, state: 'ok', detail };
    return {
      name,
      state: 'missing',
      detail,
      fix: `free ${CACHE_BYTES / 1e9} GB, or name another folder in DDE_PROFILE_CACHE`,
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, state: 'missing', detail, fix: 'name a folder that can be written in DDE_PROFILE_CACHE' };
  }
}

/** `cache`: the folder that builds go to. */
export async function doctor(cache: string, qemu?: string): Promise<Check[]> {
  const groups = await Promise.all([
    Promise.resolve([nodeCheck()]),
    packageChecks(),
    qemuCheck(qemu).then((check) => [check]),
    Promise.resolve([addonCheck()]),
    cacheCheck(cache).then((check) => [check]),
    Promise.resolve(realDeviceChecks('/')),
  ]);
  return groups.flat();
}
