// SPDX-License-Identifier: MIT
import t from 'tap';
import { frameLine, parseFrames, symbolise } from '../../../../profiler/debug/crash/symbolise.js';

const OUTPUT = `0x0000000000401000
list_del
/src/include/linux/list.h:155
demo_read
/src/demo/main.c:12 (discriminator 3)
0x0000000000402000
??
??:0
0x0000000000403000
memcpy
??:?
`;

t.test("addr2line's output", async (t) => {
  t.strictSame(parseFrames(OUTPUT), [
    [
      { pc: '', function: 'list_del', inlined: true, file: '/src/include/linux/list.h', line: 155 },
      { pc: '', function: 'demo_read', inlined: false, file: '/src/demo/main.c', line: 12 },
    ],
    [{ pc: '', function: '??', inlined: false }],
    [{ pc: '', function: 'memcpy', inlined: false }],
  ]);
});

t.test('what cannot be named stays an address', async (t) => {
  const frames = await symbolise('/nowhere/driver', ['0x401000', '0x402000'], true);
  t.strictSame(
    frames.map((frame) => frameLine(frame)),
    ['0x401000', '0x402000'],
  );
});
