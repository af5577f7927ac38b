// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot as root } from '../../../profiler/setup/root.js';
import { functionTable, sourceLines } from '../../../tracer/symbols/index.js';
import { buildC } from '../support/build.js';

const program = buildC('stub_test');
const source = readFileSync(join(root, 'test/tracer/control/kernel_side.c'), 'utf8').split('\n');
const lineOf = (text: string): number => source.findIndex((line) => line.includes(text)) + 1;

t.test('functions with their lines', async (t) => {
  const table = functionTable(program, { roots: [root] });
  const work = table.find((symbol) => symbol.name === 'work');
  t.match(work, { file: 'test/tracer/control/kernel_side.c', line: lineOf('unsigned work(unsigned x)') + 1 });
  t.ok((work?.size ?? 0) > 5);
  const stub = table.find((symbol) => symbol.name === 'ddet__stub_entry');
  t.equal(stub?.file, 'tracer/emit/calls.S', 'assembler files too');
  t.same(
    table.map((symbol) => symbol.addr),
    table.map((symbol) => symbol.addr).sort((a, b) => a - b),
  );
  const names = execFileSync('nm', ['--defined-only', program], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => / [tT] /.test(line))
    .map((line) => Number.parseInt(line.slice(0, 16), 16));
  const known = new Set(table.map((symbol) => symbol.addr));
  t.ok(names.filter((addr) => known.has(addr)).length > 40, 'nm knows the same functions');
  t.notOk('file' in (functionTable(program, { noLines: true }).find((symbol) => symbol.name === 'work') ?? {}));
});

t.test('every version of line programs', async (t) => {
  const dir = t.testdir({
    'a.c': 'int g;\nint f(int x)\n{\n\tg = x;\n\treturn x * 2;\n}\nint main(void)\n{\n\treturn f(1);\n}\n',
  });
  for (const flags of [
    ['-gdwarf-2'],
    ['-gdwarf-3'],
    ['-gdwarf-4'],
    ['-gdwarf-5'],
    ['-gdwarf-5', '-gz=zlib'],
    ['-g', '-O2'],
  ]) {
    const out = join(dir, 'a.out');
    execFileSync('gcc', [...flags, '-no-pie', '-fno-inline', '-o', out, 'a.c'], { cwd: dir });
    const table = functionTable(out, { roots: [dir] });
    t.match(
      table.find((symbol) => symbol.name === 'f'),
      { file: 'a.c', line: 3 },
      flags.join(' '),
    );
    const main = table.find((symbol) => symbol.name === 'main');
    const inside = sourceLines(out, [(main?.addr ?? 0) + (main?.size ?? 1) - 1])[0];
    t.ok(inside && inside.line >= 7 && inside.line <= 10, 'an address inside of a function');
    t.equal(sourceLines(out, [1])[0], undefined);
  }
});

t.test('what is no ELF file, and damaged ones', async (t) => {
  const dir = t.testdir({ text: 'x'.repeat(200), short: '\x7fELF' });
  t.throws(() => functionTable(join(dir, 'text')), { code: 'ERR_DDE_ELF' });
  t.throws(() => functionTable(join(dir, 'short')), { code: 'ERR_DDE_ELF' });
  t.throws(() => functionTable(join(dir, 'missing')), { code: 'ENOENT' });
  const good = readFileSync(program);
  let seed = 1;
  for (let round = 0; round < 60; round++) {
    const bad = Buffer.from(good);
    for (let n = 0; n < 200; n++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      bad[16 + (seed % (bad.length - 16))] = seed >>> 24;
    }
    writeFileSync(join(dir, 'bad'), bad);
    try {
      functionTable(join(dir, 'bad'));
    } catch (error) {
      const { name } = error as Error;
      if (!(error as { code?: string }).code) t.fail(`round ${round}: ${name} ${(error as Error).stack}`);
    }
  }
});
