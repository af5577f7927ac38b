// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { ElfFile } from '../../../tracer/elf/file.js';
import { type Prototypes, readPrototypes } from '../../../tracer/symbols/index.js';

const SOURCE = `
typedef unsigned long long dma_addr_t;
typedef unsigned int gfp_t;
typedef int (*handler_t)(int, void *);
enum direction { BOTH, TO_DEVICE, FROM_DEVICE, NOWHERE = -1 };
typedef enum { OK, LATER = 16 } result_t;
struct page;
struct two { long a, b; };
struct small { unsigned short x; };
struct large { long v[5]; };
#define FN __attribute__((noinline, noipa, used))
FN dma_addr_t map(struct page *page, unsigned long offset, unsigned short size, enum direction dir, gfp_t gfp, _Bool sync) { return offset + size + dir + gfp + sync + (page != 0); }
FN void nothing(void) { asm volatile(""); }
FN result_t set(const char *const name, handler_t handler, int (*plain)(void), signed char c) { return name && handler && plain ? c : LATER; }
FN long by_value(struct two t, struct small s, struct large l, int last) { return t.a + t.b + s.x + l.v[4] + last; }
FN struct large returned(int x) { struct large l = { { x } }; return l; }
FN long seven(int a, int b, int c, int d, int e, int f, int g) { return a + b + c + d + e + f + g; }
FN int variadic(const char *format, ...) { return format[0]; }
FN double real(double x, int n) { return x * n; }
FN long split(long x) { if (__builtin_expect(x == 12345, 0)) { __builtin_printf("cold %ld\\n", x); __builtin_abort(); } return x + 1; }
static inline __attribute__((always_inline)) long inlined(long x, unsigned char y) { return x * y; }
long (*keep)(long, unsigned char) = inlined;
int main(int argc, char **argv) { (void)argv; return (int)split(argc) + (int)inlined(argc, 3); }
`;

function prototypes(
  dir: string,
  flags: readonly string[],
): (name: string) => ReturnType<Prototypes['byAddress']['get']> {
  const out = join(dir, 'a.out');
  execFileSync('gcc', ['-O2', '-no-pie', '-ffunction-sections', ...flags, '-o', out, 'a.c'], { cwd: dir });
  const elf = new ElfFile(out);
  const at = new Map(elf.functions().map((symbol) => [symbol.name, symbol.value]));
  elf.close();
  const { byAddress, enums } = readPrototypes(out, [...at.values()]);
  t.strictSame(enums['enum direction'], { '0': 'BOTH', '1': 'TO_DEVICE', '2': 'FROM_DEVICE', '-1': 'NOWHERE' });
  t.strictSame(enums['result_t'], { '0': 'OK', '16': 'LATER' });
  return (name) => byAddress.get(at.get(name) as number);
}

t.test('names, types and places', async (t) => {
  const dir = t.testdir({ 'a.c': SOURCE });
  for (const flags of [['-gdwarf-5'], ['-gdwarf-4', '-fno-reorder-blocks-and-partition'], ['-gdwarf-5', '-gz=zlib']]) {
    const of = prototypes(dir, flags);
    t.strictSame(
      of('map'),
      {
        name: 'map',
        args: [
          { name: 'page', type: 'struct page *', format: 'hex', bits: 32, word: 0 },
          { name: 'offset', type: 'long unsigned int', format: 'dec', bits: 32, word: 1 },
          { name: 'size', type: 'short unsigned int', format: 'dec', bits: 16, word: 2 },
          { name: 'dir', type: 'enum direction', format: 'enum', bits: 32, enum: 'enum direction', word: 3 },
          { name: 'gfp', type: 'gfp_t', format: 'hex', bits: 32, word: 4 },
          { name: 'sync', type: '_Bool', format: 'dec', bits: 8, word: 5 },
        ],
        words: 5,
        returns: { name: 'ret', type: 'dma_addr_t', format: 'hex', bits: 32 },
      },
      flags.join(' '),
    );
    t.strictSame(of('nothing'), { name: 'nothing', args: [], words: 0 });
    t.match(of('set'), {
      args: [
        { type: 'const char * const', format: 'hex' },
        { type: 'handler_t', format: 'sym' },
        { type: 'int (*)()', format: 'sym' },
        { type: 'signed char', bits: 8, signed: true, word: 3 },
      ],
      returns: { type: 'result_t', format: 'enum', enum: 'result_t' },
    });
    t.match(
      of('by_value')?.args.map((arg) => arg.word),
      [0, 2, undefined, 3],
      'a structure takes two registers, one, or none',
    );
    t.match(of('returned'), { args: [{ name: 'x', word: 1 }], words: 1 }, 'the result in memory takes the first');
    t.notOk(of('returned')?.returns);
    t.strictSame(
      of('seven')?.args.map((arg) => arg.word),
      [0, 1, 2, 3, 4, 5, undefined],
      'the seventh is on the stack',
    );
    t.match(of('variadic'), { args: [{ name: 'format' }], words: 0 });
    t.strictSame(
      of('real')?.args.map((arg) => arg.word),
      [undefined, 0],
      'a double travels elsewhere',
    );
    t.match(of('split'), { args: [{ name: 'x', type: 'long int', signed: true }] }, 'a function with a cold part');
    t.match(of('inlined'), { args: [{ name: 'x' }, { name: 'y', bits: 8, word: 1 }] }, 'one that is inlined, too');
  }
});

t.test('what is not there', async (t) => {
  const dir = t.testdir({ 'a.c': SOURCE });
  execFileSync('gcc', ['-O2', '-no-pie', '-o', join(dir, 'none'), 'a.c'], { cwd: dir });
  t.equal(readPrototypes(join(dir, 'none'), [0x401000]).byAddress.size, 0, 'no debug information');
  t.throws(() => readPrototypes(join(dir, 'a.c'), [1]), { code: 'ERR_DDE_ELF' });
});
