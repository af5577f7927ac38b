// SPDX-License-Identifier: MIT
// The uncompressed kernel inside a bzImage: QEMU starts it directly (PVH), which saves the guest from unpacking it.

import { readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { GuestError } from './errors.js';

/** Offsets of the boot protocol's header (Documentation/x86/boot.rst of the kernel). */
const SETUP_SECTORS = 0x1f1;
const MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;

const XZ = [0xfd, 0x37, 0x7a, 0x58];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

function decompressor(payload: Buffer): string | undefined {
  const starts = (magic: readonly number[]) => magic.every((byte, i) => payload[i] === byte);
  if (starts(XZ)) return 'xz';
  return starts(ZSTD) ? 'zstd' : undefined;
}

export async function extractVmlinux(image: string, to: string): Promise<void> {
  const bytes = await readFile(image);
  if (bytes.toString('latin1', MAGIC, MAGIC + 4) !== 'HdrS') {
    throw new GuestError('ERR_GUEST_PACKAGE', `${image} is not a bzImage`);
  }
  const start = ((bytes[SETUP_SECTORS] ?? 0) + 1) * 512 + bytes.readUInt32LE(PAYLOAD_OFFSET);
  // The last four bytes are the unpacked size, which the decompressors do not know of.
  const payload = bytes.subarray(start, start + bytes.readUInt32LE(PAYLOAD_LENGTH) - 4);
  const tool = decompressor(payload);
  if (tool === undefined) throw new GuestError('ERR_GUEST_PACKAGE', `${image}: payload is neither xz nor zstd`);
  const { stdout } = await execa(tool, ['-dc'], { input: payload, encoding: 'buffer', maxBuffer: 512 << 20 });
  await writeFile(to, stdout);
}
