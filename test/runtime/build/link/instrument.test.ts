// SPDX-License-Identifier: MIT
// On objects that gcc makes here, and the result is linked and run.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseElf, readRelocations } from '../../../../runtime/build/link/elf.js';
import { driverSectionName, instrumentObject } from '../../../../runtime/build/link/instrument.js';
import { addressTaken } from '../../../../runtime/build/link/relocations.js';
import { joinNops, patchableFunctions } from '../../../../runtime/build/describe/sites.js';
import { apiFunctions, thunkSource } from '../../../../runtime/build/link/thunks.js';

const DRIVER = `
extern int api_call(int), api_pointer(int), hook(int);
extern int data_symbol;
struct ops { int (*own)(int); int (*core)(int); };
static int callback(int x) { return api_call(x) + data_symbol; }
static int __attribute__((noinline)) inner(int x) { return hook(x) + 1; }
static int by_code(int x) { return x ^ 5; }
int (*slot)(int);
struct ops ops = { callback, api_pointer };
int driver_main(int x) { slot = by_code; return ops.own(x) + api_pointer(1) + inner(x); }
`;
const CORE = `
#include <stdio.h>
struct ops { int (*own)(int); int (*core)(int); };
extern struct ops ops;
extern int driver_main(int);
int data_symbol = 100;
int api_call(int x) { return x + 1; }
int api_pointer(int x) { return x * 10; }
int hook(int x) { return x; }
int main(void) { printf("%d %d\\n", driver_main(1), ops.core == api_pointer); return 0; }
`;
const FLAGS = ['-O2', '-fno-pie', '-ffunction-sections', '-fpatchable-function-entry=5', '-g', '-c'];

const dir = t.testdir({ 'driver.c': DRIVER, 'core.c': CORE });
const gcc = (...args: string[]): void => {
  execFileSync('gcc', args, { cwd: dir });
};
gcc(...FLAGS, 'driver.c');
gcc(...FLAGS, 'core.c');
const elf = parseElf(readFileSync(join(dir, 'driver.o')), 'driver.o');

t.test('sections and symbols', async (t) => {
  t.equal(elf.type, 1);
  t.ok(elf.symbols.some((s) => s.name === 'driver_main' && s.section !== 0));
  t.ok(elf.symbols.some((s) => s.name === 'api_call' && s.section === 0));
});

t.test('callbacks are the functions whose address is taken', async (t) => {
  const taken = addressTaken(elf, readRelocations);
  t.ok(taken.has('callback'), 'by data');
  t.ok(taken.has('by_code'), 'by code');
  t.notOk(taken.has('inner'));
  t.notOk(taken.has('driver_main'));
});

t.test('calls go through thunks, pointers do not, and the program still runs', async (t) => {
  const undefinedSymbols = new Set(elf.symbols.filter((s) => s.section === 0).map((s) => s.name));
  const api = apiFunctions(undefinedSymbols, new Set(['api_call', 'api_pointer', 'other', 'dde_mmio_read32']));
  t.same(api, ['api_call', 'api_pointer'], 'data and unknown symbols have no thunk');
  t.same(
    apiFunctions(new Set(['memcpy', 'strlen', 'printf', 'kfree', 'memory']), new Set(['kfree'])),
    ['kfree', 'memcpy', 'strlen'],
    "the C library's functions that stand in for the kernel's have",
  );
  writeFileSync(join(dir, 'copy.o'), instrumentObject(elf, new Set(api), 3));
  writeFileSync(join(dir, 'thunks.S'), thunkSource(api));
  gcc('-no-pie', '-o', 'program', 'copy.o', 'core.o', 'thunks.S');
  t.equal(execFileSync(join(dir, 'program'), { encoding: 'utf8' }), '114 1\n');

  const program = parseElf(readFileSync(join(dir, 'program')), 'program');
  const at = (name: string): number => program.symbols.find((s) => s.name === name)?.value ?? 0;
  const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', 'program'], {
    cwd: dir,
    encoding: 'utf8',
  });
  t.match(code, /call +[0-9a-f]+ <__ddethunk_api_call>|jmp +[0-9a-f]+ <__ddethunk_api_call>/);
  t.match(code, /<__ddethunk_api_pointer>:\n.*jmp +[0-9a-f]+ <api_pointer>/);
  t.equal(at('__ddethunk_api_call') % 8, 0);
  const copy = parseElf(readFileSync(join(dir, 'copy.o')), 'copy.o');
  t.ok(copy.sections.some((s) => s.name === '.text.dde_driver.3.callback'));
  const rows = program.symbols.filter((s) => s.name.endsWith('_ddet_api_sites'));
  t.ok(rows.length === 0 || rows.length === 2);
});

t.test('five nops are made one, and the program still runs', async (t) => {
  const program = parseElf(readFileSync(join(dir, 'program')), 'program');
  const functions = patchableFunctions(program);
  t.ok(['api_call', 'callback', 'driver_main'].every((name) => functions.some((f) => f.name === name)));
  joinNops(program, functions);
  t.equal(patchableFunctions(program).length, 0);
  writeFileSync(join(dir, 'joined'), program.bytes, { mode: 0o700 });
  t.equal(execFileSync(join(dir, 'joined'), { encoding: 'utf8' }), '114 1\n');
  const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', 'joined'], { cwd: dir, encoding: 'utf8' });
  t.match(code, /<driver_main>:\n.*\tnopl +0x0\(%rax,%rax,1\)\n/);
});

t.test('names of sections', async (t) => {
  t.equal(driverSectionName('.text.probe', 0), '.text.dde_driver.0.probe');
  t.equal(driverSectionName('.text', 12), '.text.dde_driver.12');
  t.equal(driverSectionName('.init.text', 0), undefined);
});

t.test('what is no ELF file is refused', async (t) => {
  const errors: [Buffer, RegExp][] = [
    [Buffer.from('hello'), /not an ELF file/],
    [Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), Buffer.alloc(80)]), /64-bit little-endian/],
    [elf.bytes.subarray(0, 200), /lie behind the end|do not fit/],
  ];
  for (const [bytes, message] of errors) t.throws(() => parseElf(bytes, 'x'), { message, exitCode: 4 });
});
