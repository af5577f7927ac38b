// SPDX-License-Identifier: MIT
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildOfCore, coreFiles } from '../../../profiler/debug/core-file.js';
import { scopeAnswer } from '../../../profiler/debug/ptrace.js';
import { chooseCheckers, CHECKERS } from '../../../profiler/debug/checkers.js';

const NT_FILE = 0x46494c45;

/** A core file with one note segment. */
function core(type: number, files: readonly string[]): Buffer {
  const names = Buffer.from(files.map((file) => `${file}\0`).join(''));
  const body = Buffer.alloc(16 + files.length * 24);
  body.writeBigUInt64LE(BigInt(files.length), 0);
  const note = Buffer.concat([Buffer.alloc(12), Buffer.from('CORE\0\0\0\0'), body, names]);
  note.writeUInt32LE(5, 0);
  note.writeUInt32LE(body.length + names.length, 4);
  note.writeUInt32LE(NT_FILE, 8);
  const head = Buffer.alloc(64 + 56);
  head.writeUInt32BE(0x7f454c46, 0);
  head.writeUInt16LE(type, 16);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(4, 64);
  head.writeBigUInt64LE(120n, 72);
  head.writeBigUInt64LE(BigInt(note.length), 96);
  return Buffer.concat([head, note]);
}

t.test('the executable of a core file', async (t) => {
  const dir = t.testdir({});
  const put = (name: string, data: Buffer): string => {
    writeFileSync(join(dir, name), data);
    return join(dir, name);
  };
  t.strictSame(coreFiles(put('a', core(4, ['/b/driver', '/lib/libc.so']))), ['/b/driver', '/lib/libc.so']);
  t.throws(() => coreFiles(put('b', core(2, []))), { code: 'ERR_DDE_OPTION', message: /not a core file/ });
  t.throws(() => coreFiles(put('c', Buffer.from('short'))), /not a core file/);
  t.throws(() => coreFiles(join(dir, 'none')), /no such file/);
  t.throws(() => buildOfCore(put('d', core(4, ['/usr/bin/cat']))), /it is of \/usr\/bin\/cat, which is no build/);
  t.throws(() => buildOfCore(put('e', core(4, []))), /names no executable/);
});

t.test('ptrace scope', async (t) => {
  t.equal(scopeAnswer(undefined, false), undefined, 'no Yama');
  t.equal(scopeAnswer('0\n', false), undefined);
  t.equal(scopeAnswer('1\n', false), undefined, 'a driver process lets itself be debugged');
  t.match(scopeAnswer('2\n', false), { reason: /only root/, advice: /sysctl/ });
  t.equal(scopeAnswer('2\n', true), undefined);
  t.match(scopeAnswer('3\n', true), { reason: /no process can be debugged/ });
});

t.test('checkers', async (t) => {
  t.strictSame(
    chooseCheckers('lockdep, slub-debug').map((one) => one.name),
    ['lockdep', 'slub-debug'],
  );
  t.equal(chooseCheckers('all').length, CHECKERS.length);
  t.throws(() => chooseCheckers('lockdepp'), {
    code: 'ERR_DDE_OPTION',
    message: /no checker "lockdepp"; there are lockdep/,
  });
});
