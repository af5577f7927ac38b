// SPDX-License-Identifier: MIT
// Writes the archive that the kernel takes as initramfs (cpio "newc"). Owner is root whoever makes it.

export interface CpioEntry {
  readonly path: string;
  /** Type and permissions, such as 0o100755. */
  readonly mode: number;
  readonly data: Uint8Array;
}

const FOLDER = 0o040755;
const LINK = 0o120777;

function pad(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function record({ path, mode, data }: CpioEntry, inode: number): Buffer {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([Buffer.from(header), name, pad(header.length + name.length), data, pad(data.length)]);
}

/** All folders above the paths, outermost first. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    for (let i = 1; i <= parts.length; i++) folders.add(parts.slice(0, i).join('/'));
  }
  return [...folders].sort((a, b) => a.length - b.length);
}

export function file(path: string, data: Uint8Array | string, executable = false): CpioEntry {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return { path: path.replace(/^\/+/, ''), mode: executable ? 0o100755 : 0o100644, data: bytes };
}

export function link(path: string, target: string): CpioEntry {
  return { path: path.replace(/^\/+/, ''), mode: LINK, data: Buffer.from(target) };
}

export function folder(path: string): CpioEntry {
  return { path: path.replace(/^\/+/, ''), mode: FOLDER, data: Buffer.alloc(0) };
}

/** The archive; folders above the entries come by themselves. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const given = new Set(entries.map((entry) => entry.path));
  const above = foldersOf(entries.map((entry) => entry.path)).filter((path) => !given.has(path));
  const all = [...above.map(folder), ...entries];
  const parts = all.map((entry, i) => record(entry, i + 1));
  parts.push(record({ path: 'TRAILER!!!', mode: 0, data: Buffer.alloc(0) }, 0));
  return Buffer.concat(parts);
}
