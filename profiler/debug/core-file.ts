// SPDX-License-Identifier: MIT
// Which executable a core file is of: the notes of the ELF file name the files that were mapped (NT_FILE).

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Build, LaunchError, readBuild } from '../builds/index.js';

const PT_NOTE = 4;
const NT_FILE = 0x46494c45;
const ET_CORE = 4;

function read(fd: number, at: number, length: number): Buffer {
  const data = Buffer.alloc(length);
  const got = readSync(fd, data, 0, length, at);
  return data.subarray(0, got);
}

const align4 = (n: number): number => (n + 3) & ~3;

/** Paths of an NT_FILE note: count, page size, count triples, then the names. */
function mappedFiles(note: Buffer): string[] {
  const count = Number(note.readBigUInt64LE(0));
  return note
    .subarray(16 + count * 24)
    .toString('utf8')
    .split('\0')
    .slice(0, count);
}

function* notes(data: Buffer): Generator<{ type: number; body: Buffer }> {
  for (let at = 0; at + 12 <= data.length; ) {
    const [nameSize, size, type] = [data.readUInt32LE(at), data.readUInt32LE(at + 4), data.readUInt32LE(at + 8)];
    const body = at + 12 + align4(nameSize);
    yield { type, body: data.subarray(body, body + size) };
    at = body + align4(size);
  }
}

/**
 * Files that were mapped into the process of a core file.
 * @throws LaunchError when it is no core file, or names none
 */
export function coreFiles(core: string): string[] {
  let fd: number;
  try {
    fd = openSync(core, 'r');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new LaunchError('ERR_DDE_OPTION', `--core ${core}: ${reason === 'ENOENT' ? 'no such file' : reason}`, {
      cause,
    });
  }
  try {
    const head = read(fd, 0, 64);
    if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head.readUInt16LE(16) !== ET_CORE)
      throw new LaunchError('ERR_DDE_OPTION', `--core ${core}: not a core file`);
    const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
    const table = read(fd, start, size * count);
    for (let i = 0; i < count && (i + 1) * size <= table.length; i++) {
      if (table.readUInt32LE(i * size) !== PT_NOTE) continue;
      const data = read(fd, Number(table.readBigUInt64LE(i * size + 8)), Number(table.readBigUInt64LE(i * size + 32)));
      for (const note of notes(data)) if (note.type === NT_FILE) return mappedFiles(note.body);
    }
    return [];
  } finally {
    closeSync(fd);
  }
}

/** The build that a core file is of. */
export function buildOfCore(core: string): Build {
  const files = coreFiles(core);
  const own = files.find((file) => basename(file) === 'driver' && existsSync(join(dirname(file), 'manifest.json')));
  if (own !== undefined) return readBuild(dirname(own));
  const other = files.find((file) => basename(file) === 'driver') ?? files[0];
  const text = other === undefined ? 'it names no executable' : `it is of ${other}, which is no build of a driver here`;
  throw new LaunchError('ERR_DDE_OPTION', `--core ${core}: ${text}`);
}
