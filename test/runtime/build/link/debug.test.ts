// SPDX-License-Identifier: MIT
// Debug information that was settled says the same as that which the linker works out: on objects that gcc makes here.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { mergeStrings, settleDebug } from '../../../../runtime/build/link/debug.js';
import { ElfEditor } from '../../../../runtime/build/link/edit.js';
import { parseElf } from '../../../../runtime/build/link/elf.js';

t.test('each string once, and references into the midst of one', (t) => {
  const bytes = Buffer.from('one\0two\0one\0\0two\0three\0');
  const before = Buffer.from(bytes);
  const { size, moved } = mergeStrings(bytes);
  t.equal(bytes.toString('latin1', 0, size), 'one\0two\0\0three\0');
  const text = (from: Buffer, at: number): string => from.toString('latin1', at, from.indexOf(0, at));
  for (let i = 0; i < before.length; i++) t.equal(text(bytes, moved[i] as number), text(before, i), `offset ${i}`);
  t.end();
});

const HEADER = 'struct shared { int first_member; long second_member; };\nint use(struct shared *s, int n);\n';
const A =
  '#include "h.h"\nstatic int helper(int n) { return n * 3; }\nint use(struct shared *s, int n) { for (int i = 0; i < n; i++) s->first_member += helper(i) + (int)s->second_member; return s->first_member; }\n';
const B =
  '#include <stdio.h>\n#include "h.h"\nint main(int argc, char **argv) { struct shared s = { argc, 2 }; return use(&s, argc) + (argv == 0); }\n';

/** readelf's account without the places of strings, which differ. */
function account(file: string): string {
  const text = execFileSync('readelf', ['-W', '--debug-dump=info,decodedline,loc,Ranges,aranges', file], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return text.replace(/offset: (0x)?[0-9a-f]+/g, '').replaceAll(file, '');
}

t.test('info, lines, locations and ranges of an executable', (t) => {
  const dir = t.testdir({ 'h.h': HEADER, 'a.c': A, 'b.c': B });
  const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { cwd: dir });
  const file = (name: string): string => join(dir, name);
  for (const name of ['a', 'b'])
    run('gcc', '-O2', '-g', '-gdwarf-5', '-fno-pie', '-ffunction-sections', '-c', '-o', `${name}.o`, `${name}.c`);
  run('ld', '-r', '-o', 'joined.o', 'a.o', 'b.o');
  const elf = parseElf(readFileSync(file('joined.o')), 'joined.o');
  const editor = ElfEditor.of(elf, elf.bytes);
  if (editor === undefined) throw new Error('no symbols');
  settleDebug(elf, editor);
  writeFileSync(file('edited.o'), Buffer.concat(editor.finish()));
  run('objcopy', 'edited.o', 'settled.o');
  const more = 'int more(int n)\n{\n\treturn n + 1;\n}\n';
  writeFileSync(file('more.c'), more);
  run('gcc', '-g', '-gdwarf-5', '-fno-pie', '-c', '-o', 'more.o', 'more.c');
  for (const name of ['joined', 'settled'])
    run('gcc', '-no-pie', '-o', name, `${name}.o`, 'more.o', '-Wl,--gc-sections');
  t.equal(account(file('settled')), account(file('joined')));
  t.match(account(file('settled')), /second_member/);
  const relocations = (name: string): number => {
    const parsed = parseElf(readFileSync(file(name)), name);
    return parsed.sections.filter((s) => s.name.startsWith('.rela.debug')).reduce((sum, s) => sum + s.size, 0);
  };
  t.ok(relocations('settled.o') * 3 < relocations('joined.o'), 'what a linker has to do became less');
  t.ok(statSync(file('settled.o')).size < statSync(file('joined.o')).size);
  t.end();
});
