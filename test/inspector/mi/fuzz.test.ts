// SPDX-License-Identifier: MIT
// 10,000 broken lines (100,000 with DDE_LONG=1), made from what gdb really said: each is a record, none takes long.
import t from 'tap';
import { MiClient } from '../../../inspector/mi/client.js';
import { parseRecord } from '../../../inspector/mi/parse.js';
import { random } from '../fixtures/random.js';

const COUNT = process.env['DDE_LONG'] === '1' ? 100_000 : 10_000;
const SEEDS = [
  '1^done,bkpt={number="1",type="breakpoint",disp="keep",enabled="y",addr="<MULTIPLE>",times="0",original-location="a.c:13",locations=[{number="1.1",enabled="y",addr="0x11d4",func="f"},{number="1.2",enabled="y",addr="0x11f4",func="g"}]}',
  '*stopped,reason="breakpoint-hit",disp="keep",bkptno="1",frame={addr="0x594090",func="e1000_clean_rx_irq",args=[{name="ring",value="0x60211680"}],file="netdev.c",line="914",arch="i386:x86-64"},thread-id="3",stopped-threads="all",core="0"',
  '=breakpoint-created,bkpt={number="2",type="dprintf",script={"printf \\"caf\\303\\251 %d\\\\n\\",x"}}',
  '~"Reading symbols from driver...\\n"',
  '&"warning: \\346\\227\\245"',
  '3^error,msg="No symbol \\"x\\" in current context.",code="undefined-command"',
  'plain output of the program',
  '(gdb) ',
];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  '=',
  '^',
  '*',
  '\\303',
  '\\',
  '\0',
  '\xff',
  '{"',
  '=[',
  '12^done',
  '\\777',
];

t.test('the parser', async (t) => {
  const next = random(1);
  const types = new Set<string>();
  const start = performance.now();
  let slowest = 0;
  for (let i = 0; i < COUNT; i++) {
    let line = SEEDS[next(SEEDS.length)] as string;
    for (let n = next(6); n >= 0; n--) {
      const at = next(line.length + 1);
      const piece = PIECES[next(PIECES.length)] as string;
      const kind = next(4);
      if (kind === 0) line = line.slice(0, at);
      else if (kind === 1) line = line.slice(0, at) + piece + line.slice(at);
      else if (kind === 2) line = line.slice(0, at) + line.slice(at + 1 + next(10));
      else line = line.slice(0, at) + piece.repeat(1 + next(300)) + line.slice(at);
    }
    const begun = performance.now();
    types.add(parseRecord(Buffer.from(line, 'latin1')).type);
    slowest = Math.max(slowest, performance.now() - begun);
  }
  t.ok(types.has('malformed') && types.has('result') && types.has('exec'), [...types].join(' '));
  t.ok(performance.now() - start < COUNT, `${COUNT} lines, the slowest took ${slowest.toFixed(1)} ms`);
});

t.test('the client: torn, joined and broken input never loses the answer behind it', async (t) => {
  const next = random(2);
  for (let round = 0; round < COUNT / 100; round++) {
    const client = new MiClient({ write: () => undefined });
    const answer = client.send('-gdb-version');
    let noise = '';
    for (let i = next(8); i >= 0; i--) {
      const seed = SEEDS[next(SEEDS.length)] as string;
      // No line of the noise may answer for token 1.
      noise += `${seed.slice(0, next(seed.length)).replace(/^\d*\^/, '77^')}\n`;
    }
    const bytes = Buffer.from(`${noise}1^done,value="${round}"\n`, 'latin1');
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + next(60);
      client.feed(bytes.subarray(at, at + size));
      at += size;
    }
    const { value } = await answer;
    if (value !== String(round)) t.fail(`round ${round}: ${String(value)}`);
  }
  t.pass(`${COUNT / 100} rounds`);
});
