// SPDX-License-Identifier: MIT
// The guest's file system: busybox, modules, the command and what it needs. Made without root.

import { constants } from 'node:fs';
import { access, readFile, readlink, realpath, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { execa } from 'execa';
import { cpio, type CpioEntry, file, folder, link } from './cpio.js';
import { GuestError } from './errors.js';
import { init, qmpTool } from './init.js';
import type { Kernel } from './kernels.js';
import { moduleName, moduleOrder, readModule } from './modules.js';

export interface Contents {
  readonly command: string;
  /** Starts each line that the guest means for the harness. */
  readonly nonce: string;
  readonly modules: readonly string[];
  /** Files of the host and where they lie in the guest. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
  /** Programs of the host, by name; their libraries come along. */
  readonly programs: readonly string[];
  readonly artefacts: boolean;
  readonly hostRoot: boolean;
}

const BUSYBOX = '/bin/busybox';
const SEARCH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

async function exists(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function findProgram(name: string): Promise<string> {
  for (const path of name.includes('/') ? [name] : SEARCH.map((dir) => join(dir, name))) {
    if (await exists(path)) return path;
  }
  throw new GuestError('ERR_GUEST_USAGE', `program ${name} not found in ${SEARCH.join(':')}`);
}

/** Shared libraries of an executable, the loader among them; none if it is static or a script. */
async function libraries(path: string): Promise<string[]> {
  const { stdout, exitCode } = await execa('ldd', [path], { reject: false });
  if (exitCode !== 0) return [];
  const found: string[] = [];
  for (const line of stdout.split('\n')) {
    if (line.includes('not found')) throw new GuestError('ERR_GUEST_USAGE', `${path}: ${line.trim()}`);
    const library = /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1];
    if (library !== undefined) found.push(library);
  }
  return found;
}

async function programEntries(names: readonly string[]): Promise<CpioEntry[]> {
  const entries = new Map<string, CpioEntry>();
  for (const name of names) {
    const path = await findProgram(name);
    const target = `/usr/bin/${basename(path)}`;
    entries.set(target, file(target, await readFile(await realpath(path)), true));
    for (const library of await libraries(path)) {
      entries.set(library, file(library, await readFile(await realpath(library)), true));
    }
  }
  return [...entries.values()];
}

/** Modules are loaded from /modules in the order of their numbers; a file NAME.ko among `files` comes after them. */
async function moduleEntries(kernel: Kernel, names: readonly string[]): Promise<CpioEntry[]> {
  const order = await moduleOrder(kernel, names);
  return Promise.all(
    order.map(async (path, i) =>
      file(`/modules/${String(i).padStart(3, '0')}-${moduleName(path)}.ko`, await readModule(path)),
    ),
  );
}

async function fileEntries(files: Contents['files']): Promise<CpioEntry[]> {
  return Promise.all(
    files.map(async ({ from, to }) => {
      if (!(await exists(from))) throw new GuestError('ERR_GUEST_USAGE', `${from}: no such file`);
      const executable = await access(from, constants.X_OK).then(
        () => true,
        () => false,
      );
      return file(to, await readFile(from), executable);
    }),
  );
}

/** Busybox runs its own applet of a name rather than a program; a function comes before both. */
function preferPrograms(programs: readonly string[]): string {
  const names = programs.map((path) => basename(path)).filter((name) => /^\w+$/.test(name));
  return names.map((name) => `${name}() { /usr/bin/${name} "$@"; }\n`).join('');
}

async function busybox(): Promise<CpioEntry[]> {
  if (!(await exists(BUSYBOX))) {
    throw new GuestError('ERR_GUEST_PACKAGE', 'busybox is missing. Run: sudo apt-get install busybox-static');
  }
  if ((await libraries(BUSYBOX)).length > 0) {
    throw new GuestError('ERR_GUEST_PACKAGE', `${BUSYBOX} is not static. Run: sudo apt-get install busybox-static`);
  }
  const { stdout } = await execa(BUSYBOX, ['--list']);
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  return [file(BUSYBOX, await readFile(BUSYBOX), true), ...applets.map((name) => link(`/bin/${name}`, 'busybox'))];
}

export async function writeInitramfs(path: string, kernel: Kernel, contents: Contents): Promise<void> {
  const entries = [
    ...['dev', 'proc', 'sys', 'tmp', 'run', 'root', 'artefacts', 'host', 'modules'].map(folder),
    ...(await busybox()),
    file('/init', init(contents), true),
    file('/bin/qmp', qmpTool(contents.nonce), true),
    file('/command', `${preferPrograms(contents.programs)}${contents.command}`),
    // The root user, for programs that ask for its name.
    file('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    file('/etc/group', 'root:x:0:\n'),
    ...(await moduleEntries(kernel, contents.modules)),
    ...(await programEntries(contents.programs)),
    ...(await fileEntries(contents.files)),
  ];
  // Debian's usr-merge: the loader is asked for in /lib64, libraries in /lib.
  if (await readlink('/lib64').catch(() => undefined)) {
    const linked = entries.map((entry) => ({ ...entry, path: entry.path.replace(/^usr\/(lib|lib64)\//, '$1/') }));
    entries.splice(0, entries.length, ...linked);
  }
  await writeFile(path, await promisify(gzip)(cpio(entries), { level: 1 }));
}
