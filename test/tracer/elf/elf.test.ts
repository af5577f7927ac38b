// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readHeader, readSymbols } from '../../../tracer/elf/elf.js';
import { ElfFile } from '../../../tracer/elf/file.js';

t.test('build-id', async (t) => {
  const dir = t.testdir({ 'a.c': 'int main(void) { return 0; }\n' });
  execFileSync('gcc', ['-Wl,--build-id=0x0123456789abcdef', '-o', join(dir, 'a'), join(dir, 'a.c')]);
  const elf = new ElfFile(join(dir, 'a'));
  t.equal(elf.buildId(), '0123456789abcdef');
  elf.close();
});

t.test('more sections than the header can count, and one symbol in each', async (t) => {
  const count = 66_000;
  const source = Array.from({ length: count }, (_, i) => `.section .s${i},"a";v${i}: .byte 1`).join('\n');
  const dir = t.testdir({ 'a.s': `${source}\n` });
  const file = join(dir, 'a.o');
  execFileSync('as', ['--64', '-o', file, join(dir, 'a.s')]);
  const bytes = readFileSync(file);
  const read = (offset: number, size: number): Buffer => bytes.subarray(offset, offset + size);
  const { sections } = readHeader({ size: bytes.length, read });
  t.equal(sections.filter(({ name }) => name.startsWith('.s') && /\d$/.test(name)).length, count);
  const symbols = readSymbols(sections, ({ offset, size }) => read(offset, size));
  const last = symbols.find(({ name }) => name === `v${count - 1}`);
  t.equal(sections[last?.section ?? 0]?.name, `.s${count - 1}`, 'its section has a number of more than 16 bits');
  t.throws(
    () => readHeader({ size: bytes.length - 1, read }),
    { code: 'ERR_DDE_ELF' },
    'the last section header is cut off',
  );
});
